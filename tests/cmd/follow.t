#!/usr/bin/perl
# sinbin-follow over directories of real loggers: every line once and in order, across rotation, kills
# and restarts; what is lost is told.
use strict;
use warnings;
use lib 'tests/cmd';
use Follow;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);

my $top = tempdir('sinbin-follow-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @loggers = grep { have($_) } qw(s6-log multilog);
my $many = [qw(t n1000 s4096)];
srand 4711;

# A fresh directory, and a checkpoint beside it that is not there yet.
sub fresh {
  my ($name) = @_;
  make_path("$top/$name/log");
  return ("$top/$name/log", "$top/$name/checkpoint");
}

# Lines like those of the handler, of different lengths.
sub lines {
  my ($from, $to) = @_;
  return map { "session1 line=$_ " . 'x' x ($_ * 37 % 700) } $from .. $to;
}

sub bare { return map { s/ seq=\d+ pos=\d+\.\d+$//r } @_ }
sub unlabelled { return map { s/^\@[0-9a-f]{24} //r } @_ }
sub numbers { return map { / seq=(\d+) / ? $1 : '?' } @_ }

# Every line is where its position says that it ends.
sub are_placed {
  my ($dir, @lines) = @_;
  my (%text, %end, @bad);
  $text{ (stat $_)[1] } = slurp($_) for glob "$dir/\@* $dir/current";
  for my $line (@lines) {
    my ($bare, $inode, $offset) = $line =~ /^(.*) seq=\d+ pos=(\d+)\.(\d+)$/ or die $line;
    my $want = "$bare\n";
    push @bad, $line if substr($text{$inode} // '', $offset - length $want, length $want) ne $want
      || $offset - length $want != ($end{$inode} // $offset - length $want);
    $end{$inode} = $offset;
  }
  return !@bad;
}

# A directory with files of given names and texts; returns their inodes.
sub files {
  my ($dir, %text) = @_;
  my %inode;
  for my $name (sort keys %text) {
    spew("$dir/$name", $text{$name});
    $inode{$name} = (stat "$dir/$name")[1];
  }
  return %inode;
}

# The name of a file that was full at that minute, and the label of a line of that second.
sub name_at { return sprintf '@40000000%08x00000000.s', 60 * $_[0] }
sub label_at { return sprintf '@40000000%08x00000000', $_[0] }

for my $logger (@loggers) {
  subtest "$logger: an archive" => sub {
    my ($dir, $cp) = fresh("$logger-archive");
    my $log = start_logger($logger, $dir, $many);
    my @lines = lines(1, 300);
    print { $log->{to} } "$_\n" for @lines;
    end($log);
    cmp_ok scalar(my @files = glob "$dir/\@*"), '>', 10, 'it was rotated';
    my ($code, $said, @got) = run_follow('-1', $dir, $cp);
    is "$code $said", '0 ', 'it is read to its end';
    is_deeply [unlabelled(bare(@got))], \@lines, 'every line';
    is_deeply [numbers(@got)], [1 .. 300], 'numbered';
    ok are_placed($dir, @got), 'with the position behind it';
    my $c = checkpoint_of($cp);
    is "$c->{seq} $c->{inode} $c->{offset} $c->{label}", '1 ' . (stat $files[0])[1] . ' 0 -',
      'the checkpoint is at the oldest line, and stays there';
    my @again = run_follow('-1', $dir, $cp);
    is_deeply [@again[2 .. $#again]], \@got, 'a second time the same';
    for my $at (0, 1, 5, 150, 298, 299) {
      advance($cp, $got[$at]);
      @again = run_follow('-1', $dir, $cp);
      is_deeply \@again, [0, '', @got[$at + 1 .. 299]], 'from line ' . ($at + 2) . ' on';
    }
  };

  for my $mode ([], ['-p', 1]) {
    subtest "$logger: rotation under load @$mode" => sub {
      my ($dir, $cp) = fresh("$logger-load" . @$mode);
      my $log = start_logger($logger, $dir, $many);
      my $follow = start_follow(@$mode, $dir, $cp);
      my @lines = lines(1, 3000);
      my @got;
      while (my @some = splice @lines, 0, 1 + int rand 60) {
        print { $log->{to} } "$_\n" for @some;
        push @got, take($follow);
      }
      push @got, take($follow, 3000 - @got) if @got < 3000;
      is scalar @got, 3000, 'every line';
      is_deeply [unlabelled(bare(@got))], [lines(1, 3000)], 'in order';
      is_deeply [numbers(@got)], [1 .. 3000], 'numbered';
      cmp_ok scalar(my @files = glob "$dir/\@*"), '>', 50, 'from fifty files and more';
      end($log);
      ok are_placed($dir, @got), 'at their places';
      is join(' ', finish($follow, 'TERM')), '0 ', 'SIGTERM ends it';
    };
  }

  subtest "$logger: killed two hundred times, its logger now and then" => sub {
    my ($dir, $cp) = fresh("$logger-kills");
    my $log = start_logger($logger, $dir, $many);
    my ($fed, $bad, $first, %seen) = (0, 0, 0);
    for my $round (1 .. 200) {
      if ($round % 20 == 0) {
        kill 'KILL', $log->{pid};
        waitpid $log->{pid}, 0;
        spew_torn($dir) if $round % 40 == 0;
        $log = start_logger($logger, $dir, $many, $log->{pipe});
      }
      my $follow = start_follow($dir, $cp);
      print { $log->{to} } map { "$_\n" } lines($fed + 1, $fed += int rand 30);
      my $from = -e $cp ? checkpoint_of($cp)->{seq} : 1;
      my @got = $round % 3 ? take($follow, 1 + int rand 20, 0.05) : take($follow);
      kill 'KILL', $follow->{pid};
      push @got, take($follow);
      finish($follow);
      for my $line (@got) {
        my ($seq) = numbers($line);
        $bad++ if $seq != $from++ || ($seen{$seq} //= $line) ne $line;
      }
      $first++ if @got;
      advance($cp, $got[rand @got]) if @got && $round % 4;
    }
    end($log);
    is $bad, 0, 'numbers go on from the checkpoint; a line that comes again has its number and place';
    cmp_ok $first, '>', 20, 'many runs printed something';
    my (undef, undef, @rest) = run_follow('-1', $dir, $cp);
    my @wrong = grep { ($seen{ (numbers($_))[0] } //= $_) ne $_ } @rest;
    is "@wrong", '', 'nor does the last run differ';
    my @all = map { $seen{$_} // '?' } 1 .. keys %seen;
    my @want = logged($dir);
    is scalar @all, scalar @want, 'every line of the directory was printed' or diag scalar keys %seen;
    is_deeply [bare(@all)], \@want, 'in order';
  };
}

# What a logger leaves that is killed in the middle of a write.
sub spew_torn {
  my ($dir) = @_;
  open my $out, '>>', "$dir/current" or return;
  print $out 'torn line ', int rand 1000;
}

subtest 'a clock that is set back' => sub {
  my ($dir, $cp) = fresh('clock');
  my @minutes = (10, 20, 5, 7, 30, 2);
  my (@got, $n);
  spew("$dir/current", "a1\na2\n");
  my $follow = start_follow($dir, $cp);
  push @got, take($follow, 2);
  for my $minute (@minutes) {
    open my $out, '>>', "$dir/current" or die;
    print $out "at $minute\n";
    close $out;
    rename "$dir/current", "$dir/previous" or die;
    spew("$dir/current", 'after ' . ++$n . "\n");
    link "$dir/previous", "$dir/" . name_at($minute) or die;
    unlink "$dir/previous";
    push @got, take($follow, 2);
  }
  my @want = ('a1', 'a2', map { ("at $minutes[$_ - 1]", "after $_") } 1 .. 6);
  is_deeply [bare(@got)], \@want, 'while it runs: files in the order they came';
  finish($follow, 'KILL');
  for my $at (0 .. $#got) {
    advance($cp, $got[$at]);
    my (undef, undef, @rest) = run_follow('-1', $dir, $cp);
    is_deeply \@rest, [@got[$at + 1 .. $#got]], 'started anew behind line ' . ($at + 1);
  }
  rename "$dir/current", "$dir/" . name_at(1) or die;
  spew("$dir/" . name_at(25), "not seen before\n");
  spew("$dir/current", "new\n");
  advance($cp, $got[3]);
  my (undef, undef, @rest) = run_follow('-1', $dir, $cp);
  is_deeply [bare(@rest)], [@want[4 .. $#want], 'not seen before', 'new'],
    'what came while it did not run is behind what it knew';
};

# A line gap1 with this number, and no other fields than it is to have.
sub is_gap {
  my ($line, $seq, $name) = @_;
  my $label = qr/\@[0-9a-f]{24}/;
  like $line // '', qr/^gap1 at=\d+\.\d{3} after=\d+\.\d+(?: from=$label)?(?: to=$label)? seq=$seq pos=\d+\.\d+$/, $name;
}

my $lost = qr/^sinbin-follow: warning: \S+: lines are lost: the last one that was read is of (\S+|an unknown time), and the first/;

subtest 'a position that is gone' => sub {
  my ($dir, $cp) = fresh('gone');
  my $first = label_at(60) . " one\n";
  my @texts = ($first . label_at(61) . " two\n", label_at(120) . " three\n" . label_at(121) . " four\n", label_at(180) . " five\n");
  my %inode = files($dir, name_at(1) => $texts[0], name_at(2) => $texts[1], current => $texts[2]);
  my ($old, $next) = @inode{ name_at(1), name_at(2) };
  my $set = sub { spew($cp, sprintf "CP1 7 2 %s %s %s\n", @_); unlink "$cp.files" };
  my $good = sub { $set->($old, length $first, label_at(60)) };
  $good->();
  my (undef, undef, @got) = run_follow('-1', $dir, $cp);
  is_deeply [numbers(@got)], [2 .. 5], 'as it was';
  my $files = slurp("$cp.files");
  # What it printed has its numbers whatever is lost; so there is nothing but a hole.
  my $goes_on = sub {
    my ($name, $from, @want) = @_;
    my ($code, $said, $gap, @lines) = run_follow('-1', $dir, $cp);
    is $code, 0, "$name: it goes on";
    like $said, $lost, 'and says that lines are lost';
    is_gap($gap, (numbers($want[0]))[0] - 1, 'a gap');
    my ($since) = $gap =~ / from=(\S+)/;
    is $since // '-', $from, 'since the last line that was read';
    is_deeply \@lines, \@want, 'and the lines after it, with the numbers that they have had';
    is_deeply [run_follow('-1', $dir, $cp)], [0, $said, $gap, @lines], 'a second time the same';
    advance($cp, $gap);
    is_deeply [run_follow('-1', $dir, $cp)], [0, '', @lines], 'without the gap, once that is acknowledged';
    spew("$cp.files", $files);
  };
  for ([$old, length $first, label_at(59), 'another label'], [$old, 10, label_at(60), 'the middle of a line'],
    [$old, 1000, label_at(60), 'behind the end'], [$next + 1_000_000_000, 0, label_at(60), 'another inode']) {
    spew($cp, sprintf "CP1 7 2 %s %s %s\n", @$_[0 .. 2]);
    $goes_on->($_->[3], $_->[2], @got[1 .. 3]);
  }
  $good->();
  spew("$cp.files", $files);
  unlink "$dir/" . name_at(2);
  $goes_on->('the next file was deleted', label_at(60), $got[3]);
  spew("$dir/" . name_at(2), label_at(300) . " again\n");
  $good->();
  spew("$cp.files", $files);
  my (undef, undef, @lines) = run_follow('-1', $dir, $cp);
  is_deeply [unlabelled(bare(@lines[1 .. $#lines]))], ['five'], 'a file of the same name is another one, which comes after those that were known';
  unlink "$dir/" . name_at(1), "$dir/" . name_at(2);
  $good->();
  spew("$cp.files", $files);
  $goes_on->('the file of the checkpoint was deleted', label_at(60), $got[3]);

  unlink "$dir/current";
  spew("$dir/current.new", label_at(600) . " six\n");
  rename "$dir/current.new", "$dir/current";
  $good->();
  spew("$cp.files", $files);
  my ($code, $said, @rest) = run_follow('-1', $dir, $cp);
  is_gap($rest[0], 1, 'everything was deleted: a new epoch begins with a gap');
  like $rest[1], qr/ six seq=2 /, 'and with the line that was not there before';
  my $c = checkpoint_of($cp);
  cmp_ok $c->{epoch}, '>=', time - 60, 'it is a new one';
  is_deeply [run_follow('-1', $dir, $cp)], [0, $said, @rest], 'once';

  ($code, $said) = run_follow('-n', $dir, $cp);
  is "$code $said", '0 ', '-n makes a new checkpoint';
  $c = checkpoint_of($cp);
  is "$c->{seq} $c->{offset} $c->{label}", '1 0 -', 'at the oldest line';
  my $inode = (stat "$dir/current")[1];
  is_deeply [run_follow('-1', $dir, $cp)], [0, '', label_at(600) . " six seq=1 pos=$inode.30"], 'and goes on from there';
  spew($cp, "CP1 200000000000 1 1 0 -\n");
  is +(run_follow('-n', '-e', $dir, $cp))[0], 0, '-e: at the end';
  $c = checkpoint_of($cp);
  is "@$c{qw(epoch seq inode offset)}", "200000000001 1 $inode 30", 'the epoch is above the old one';
  is_deeply [run_follow('-1', $dir, $cp)], [0, ''], 'there is nothing more';
};

subtest 'a known file that was not begun, after a clock was set back' => sub {
  my ($dir, $cp) = fresh('fresh');
  files($dir, name_at(9) => label_at(500) . " one\n" . label_at(501) . " two\n", current => '');
  my (undef, undef, @got) = run_follow('-1', $dir, $cp);
  is scalar @got, 2, 'two lines of the first file';
  advance($cp, $got[0]);
  spew("$dir/current", label_at(400) . " three\n");
  unlink "$dir/" . name_at(9);
  my (undef, undef, $gap, @rest) = run_follow('-1', $dir, $cp);
  is_gap($gap, 1, 'that file is gone: a gap');
  is_deeply [unlabelled(bare(@rest))], ['three'], 'the other one is printed, though its label is older';
};

subtest 'files that are deleted while they are read' => sub {
  my ($dir, $cp) = fresh('behind');
  spew("$dir/current", join '', map { "line $_ " . 'x' x 500 . "\n" } 1 .. 1000);
  my $follow = start_follow($dir, $cp);
  my @got = take($follow, 1);
  rename "$dir/current", "$dir/" . name_at(1) or die;
  unlink "$dir/" . name_at(1);
  spew("$dir/" . name_at(3), "five\n");
  spew("$dir/current", "six\n");
  push @got, take($follow, 1003 - @got);
  is scalar @got, 1003, 'what it has open is read to the end, then the rest';
  is_gap($got[1000], 1001, 'and a gap between them');
  is_deeply [numbers(@got)], [1 .. 1003], 'numbered';
  is_deeply [bare(@got[1001, 1002])], ['five', 'six'], 'all that is there';
  finish($follow, 'KILL');
  for my $at (1000 .. 1002) {
    advance($cp, $got[$at]);
    my (undef, undef, @again) = run_follow('-1', $dir, $cp);
    is_deeply \@again, [@got[$at + 1 .. 1002]], "killed, and started again at line $at";
  }
  advance($cp, $got[500]);
  my (undef, undef, @again) = run_follow('-1', $dir, $cp);
  is_deeply \@again, [@got[1000 .. 1002]], 'a position before the gap: the gap, and the same numbers again';
};

subtest 'a file that is emptied, cut, or written anew' => sub {
  for my $way ('emptied', 'cut') {
    my ($dir, $cp) = fresh($way);
    my @lines = map { label_at(100 + $_) . " line $_" } 1 .. 20;
    spew("$dir/current", join '', map { "$_\n" } @lines);
    my $follow = start_follow($dir, $cp);
    my @got = take($follow, 20);
    truncate "$dir/current", $way eq 'cut' ? 200 : 0;
    push @got, take($follow, 1);
    is_gap($got[20], 21, "$way while it is read: a gap");
    open my $out, '>>', "$dir/current" or die;
    print $out label_at(500 + $_) . " new $_\n" for 1 .. 30;
    close $out;
    push @got, take($follow, 30);
    is_deeply [unlabelled(bare(@got[-30 .. -1]))], [map { "new $_" } 1 .. 30],
      'and what is written from then on' if $way eq 'emptied';
    like $got[-1], qr/ new 30 seq=51 /, 'to the last line';
    finish($follow, 'KILL');
    for my $at (5, 20, 30) {
      advance($cp, $got[$at]);
      my (undef, undef, @again) = run_follow('-1', $dir, $cp);
      my $from = $at < 20 ? 20 : $at + 1;
      is_deeply \@again, [@got[$from .. $#got]], "started again at line $at: the same";
    }
  }
  my ($dir, $cp) = fresh('rewritten');
  spew("$dir/current", join '', map { label_at(100 + $_) . " line $_\n" } 1 .. 20);
  my (undef, undef, @got) = run_follow('-1', $dir, $cp);
  advance($cp, $got[14]);
  truncate "$dir/current", 0;
  open my $out, '>>', "$dir/current" or die;
  print $out label_at($_) . " at $_\n" for 110 .. 118;
  close $out;
  my ($code, $said, @rest) = run_follow('-1', $dir, $cp);
  is_gap($rest[0], 1, 'written anew while it did not run: a gap, and a new epoch');
  is_deeply [unlabelled(bare(@rest[1 .. $#rest]))], [map { "at $_" } 116 .. 118], 'lines older than the checkpoint are left out';
  my ($bare, $cp2) = fresh('bare');
  spew("$bare/current", "one\ntwo\nthree\n");
  (undef, undef, @got) = run_follow('-1', $bare, $cp2);
  advance($cp2, $got[2]);
  truncate "$bare/current", 0;
  open $out, '>>', "$bare/current" or die;
  print $out "x\n";
  close $out;
  (undef, undef, @rest) = run_follow('-1', $bare, $cp2);
  is scalar @rest, 1, 'without labels those that are there may be old';
  is_gap($rest[0], 1, 'and only the gap is printed');
};

subtest 'a directory in the place of another' => sub {
  my ($dir, $cp) = fresh('replaced');
  spew("$dir/current", join '', map { label_at(100 + $_) . " line $_\n" } 1 .. 5);
  my $follow = start_follow($dir, $cp);
  my @got = take($follow, 5);
  rename $dir, "$dir.old" or die;
  open my $out, '>>', "$dir.old/current" or die;
  print $out label_at(106) . " line 6\n";
  close $out;
  push @got, take($follow, 1);
  like $got[5], qr/line 6 seq=6 /, 'while there is none, the old one is followed';
  mkdir $dir;
  spew("$dir/current", label_at(300) . " new\n");
  push @got, take($follow, 2);
  is_gap($got[6], 7, 'the new one is followed after a gap');
  like $got[7], qr/ new seq=8 /, 'with its first line';
  my ($code, $said) = finish($follow, 'TERM');
  is $code, 0, 'and it goes on';
  like $said, qr/another directory took its place/, 'it says so';

  # A copy, with one line more.
  advance($cp, $got[7]);
  (my $copied = slurp("$dir/current")) =~ s/\z/label_at(301) . " newer\n"/e;
  spew("$dir/copy", $copied);
  unlink "$dir/current";
  rename "$dir/copy", "$dir/current";
  my (undef, undef, @rest) = run_follow('-1', $dir, $cp);
  is_deeply [unlabelled(bare(@rest[1 .. $#rest]))], ['newer'], 'lines of a copy are not printed again';
  my ($bare, $cp2) = fresh('copy');
  spew("$bare/" . name_at(1), "one\n");
  spew("$bare/current", "two\n");
  (undef, undef, @got) = run_follow('-1', $bare, $cp2);
  advance($cp2, $got[0]);
  for my $name (name_at(1), 'current') {
    spew("$bare/new", slurp("$bare/$name"));
    rename "$bare/new", "$bare/$name";
  }
  ($code, $said, @rest) = run_follow('-1', $bare, $cp2);
  is "$code @rest", '100 ', 'nor those of a copy that has no labels';
  like $said, qr/looks like a copy/, 'and it says why';
};

# Every number of an epoch is one line's, and every line has one number, whatever was killed when.
for my $logger (@loggers) {
  subtest "$logger: lines are lost again and again, and it is killed all the time" => sub {
    my ($dir, $cp) = fresh("$logger-lost");
    my $log = start_logger($logger, $dir, [qw(t n3 s4096)]);
    my ($fed, $twice, $other, $gaps, %line, %number) = (0, 0, 0, 0);
    my $rounds = $ENV{ROUNDS} || 250;
    for my $round (1 .. $rounds) {
      for (1 .. ($round % 5 ? 1 : 4)) {
        print { $log->{to} } map { "$_\n" } lines($fed + 1, $fed += int rand 25);
        sleep 0.01;
      }
      my $follow = start_follow($dir, $cp);
      my @got;
      if ($round % 3) { sleep rand 0.01 }
      else { @got = take($follow, 1 + int rand 25, 0.1) }
      print { $log->{to} } map { "$_\n" } lines($fed + 1, $fed += int rand 25) if $round % 7 == 0;
      kill 'KILL', $follow->{pid};
      push @got, take($follow);
      finish($follow);
      my $epoch = -e $cp ? checkpoint_of($cp)->{epoch} : 0;
      for my $line (@got) {
        my ($seq) = numbers($line);
        my ($bare) = bare($line);
        if (($line{"$epoch $seq"} //= $line) ne $line && "$line $line{qq($epoch $seq)}" !~ /^gap1 | gap1 /) {
          $other++;
          diag substr($line, 0, 60) . " $epoch $seq instead of " . substr $line{"$epoch $seq"}, 0, 60 if $other < 5;
        }
        if ($line =~ /^gap1/) { $gaps++; next }
        $twice++ if ($number{$bare} //= "$epoch $seq") ne "$epoch $seq";
      }
      advance($cp, $got[rand @got]) if @got && $round % 4;
    }
    is $other, 0, 'no number is that of two lines';
    is $twice, 0, 'no line has two numbers';
    cmp_ok $gaps, '>', 10, "$gaps gaps were printed";
    # A line that no checkpoint has passed.
    $fed++;
    print { $log->{to} } lines($fed, $fed), "\n";
    end($log);
    my ($code, undef, @rest) = run_follow('-1', $dir, $cp);
    is $code, 0, 'it still goes on';
    my ($last) = unlabelled(bare($rest[-1] // ''));
    is $last, (lines($fed, $fed))[0], 'to the last line';
  };
}

# A file may get the inode of a deleted one within a tick of the birth times. The list of files is
# changed so that it has the birth of the file that is there now.
subtest 'another file in the place of one that was begun' => sub {
  my $set_born = sub {
    my ($cp, $file) = @_;
    my $inode = (stat $file)[1];
    (my $stat = `stat -c '%W %w' $file`) =~ s/^(\d+) \S+ \d+:\d+:\d+(?:\.(\d+))?.*\n/$1 ? $1 . ($2 \/\/ '0' x 9) : 0/e;
    my $list = slurp("$cp.files");
    $list =~ s/^\d+ \d+ (current.*)/$inode $stat $1/m or die $list;
    spew("$cp.files", $list);
    return $inode;
  };
  for my $label (1, 0) {
    my ($dir, $cp) = fresh("twin-$label");
    my $line = sub { ($label ? label_at($_[0]) . ' ' : '') . "line $_[0]" };
    my %before = files($dir, name_at(1) => $line->(60) . "\n", current => $line->(120) . "\n" . $line->(121) . "\n");
    my (undef, undef, @got) = run_follow('-1', $dir, $cp);
    is scalar @got, 3, 'three lines are printed';
    advance($cp, $got[0]);
    rename "$dir/current", "$dir/old" or die;
    spew("$dir/current", $line->(500) . "\n" . $line->(501) . "\n");
    $set_born->($cp, "$dir/current");
    unlink "$dir/old";
    my ($code, $said, @rest) = run_follow('-1', $dir, $cp);
    is $code, 0, 'it goes on';
    is_gap($rest[0], 1, 'a gap, of a new epoch: the numbers of the lost lines are used');
    is_deeply [bare(@rest[1 .. $#rest])], [map { $line->($_) } 500, 501], 'and the lines of the new file';
    is_deeply [run_follow('-1', $dir, $cp)], [0, $said, @rest], 'a second time the same';
  }
  my ($dir, $cp) = fresh('no-twin');
  files($dir, name_at(1) => "one\n", current => '');
  my (undef, undef, @got) = run_follow('-1', $dir, $cp);
  unlike slurp("$cp.files"), qr/current #/, 'an empty file has no first line yet';
  spew("$dir/current", "two\n");
  (undef, undef, @got) = run_follow('-1', $dir, $cp);
  is_deeply [numbers(@got)], [1, 2], 'when it has one it is the same file';
  like slurp("$cp.files"), qr/ current #[0-9a-f]{16} 2 0\n/, 'and its first line is known';
};

subtest 'checkpoints and lists that cannot be read' => sub {
  my ($dir, $cp) = fresh('malformed');
  spew("$dir/current", "one\n");
  my $inode = (stat "$dir/current")[1];
  for my $text ('', "\n", 'CP1 1 1 1 0 -', "CP1 1 01 $inode 0 -\n", "CP1 1 1 $inode 0 - \n",
    "CP1 1 1 $inode 0 -\n\n", "CP2 1 1 $inode 0 -\n", 'x' x 500) {
    for my $option ('-1', '-n') {
      spew($cp, $text);
      my ($code, $said, @lines) = run_follow($option, $dir, $cp);
      is "$code @lines", '100 ', "$option: exit 100, nothing printed";
      like $said, qr/^sinbin-follow: fatal: \Q$cp\E: no checkpoint, or a malformed one$/, 'named';
      is slurp($cp), $text, 'and left as it is';
    }
  }
  spew($cp, "CP1 1 1 $inode 0 -\n");
  spew("$cp.files", "1 2 current\n$inode x current\n");
  my ($code, $said) = run_follow('-1', $dir, $cp);
  is $code, 100, 'so for the list of files';
  like $said, qr/^sinbin-follow: fatal: \Q$cp\E.files:2: malformed$/, 'with its line';
};

subtest 'lines that are none' => sub {
  my ($dir, $cp) = fresh('strange');
  my $label = label_at(1);
  my @in = ('', 'a' x 8111, "$label " . 'b' x 8086, "$label session1 at=1 seq=4 pos=1.2 score=3",
    "nul \0 in it", 'sinbin-x: info: seq=5', ' ', "bytes \x01\xff");
  my @want = ('', 'a' x 8111, sprintf('%s unread1 why=long bytes=8086 text=%s', $label, 'b' x 998),
    "$label session1 at=1 score=3", 'unread1 why=nul bytes=11 text=nul%20%00%20in%20it', 'sinbin-x: info:', ' ',
    "bytes \x01\xff");
  spew("$dir/" . name_at(1), join '', map { "$_\n" } @in);
  spew("$dir/current", 'not yet a line');
  my ($code, $said, @got) = run_follow('-1', $dir, $cp);
  is $code, 0, 'all are read';
  is_deeply [bare(@got)], \@want, 'none is dropped';
  is scalar(grep { length > 8191 } @got), 0, 'and none too long for who comes next';
  is_deeply [numbers(@got)], [1 .. @in], 'each has its number';
  like $said, qr/^sinbin-follow: warning: \S+: line 3: .* \(such lines so far: 1\)\n\z/, 'and is counted';
};

subtest 'a reader that goes, or stands still' => sub {
  my ($dir, $cp) = fresh('reader');
  spew("$dir/current", "one\n");
  my $follow = start_follow($dir, $cp);
  is scalar(take($follow, 1)), 1, 'it follows';
  close $follow->{out};
  my ($code, $said) = finish($follow);
  is $code, 111, 'no reader, and no line to write: exit 111';
  like $said, qr/^sinbin-follow: info: the reader of the output has exited/, 'and why';
  spew("$dir/current", join '', map { "line $_ " . 'x' x 5000 . "\n" } 1 .. 500);
  unlink $cp;
  $follow = start_follow($dir, $cp);
  my @got = take($follow, 1);
  ok until_true(sub { slurp("/proc/$follow->{pid}/wchan") =~ /poll|^0?$/ }), 'it waits for its reader';
  kill 'TERM', $follow->{pid};
  while (my @more = take($follow, 1)) { push @got, @more }
  is join(' ', finish($follow)), '0 ', 'SIGTERM ends it all the same';
  is $follow->{got}, '', 'at the end of a line';
  cmp_ok scalar @got, '<', 500, 'before the last';
};

subtest 'before there is anything' => sub {
  my ($dir, $cp) = fresh('empty');
  is +(run_follow("$dir/none", $cp))[0], 111, 'no directory: exit 111';
  is_deeply [run_follow('-1', $dir, $cp)], [0, ''], '-1: nothing';
  is +(run_follow('-n', $dir, $cp))[0], 111, '-n: nothing that a checkpoint could point at';
  spew("$dir/state", "x\n");
  spew("$dir/\@4000.s", "x\n");
  my $follow = start_follow($dir, $cp);
  sleep 0.1;
  ok !-e $cp, 'it waits for a file';
  spew("$dir/current", "one\n");
  my ($line) = take($follow, 1);
  my $inode = (stat "$dir/current")[1];
  is $line, "one seq=1 pos=$inode.4", 'and begins with it';
  is checkpoint_of($cp)->{inode}, $inode, 'the checkpoint is there before';
  cmp_ok checkpoint_of($cp)->{epoch}, '<=', time, 'its epoch is the time';
  finish($follow, 'KILL');
  is +(run_follow('-1', $dir, "$dir/none/cp"))[0], 111, 'no place for the checkpoint: exit 111';
};

is +(run_follow(@$_))[0], 100, "usage: @$_" for [], ['x'], ['x', 'y', 'z'], ['-e', 'x', 'y'], ['-p', 0, 'x', 'y'],
  ['-p', 'x', 'x', 'y'], ['-x', 'x', 'y'];
ok @loggers > 0, 'with ' . join ' and ', @loggers;
done_testing;
