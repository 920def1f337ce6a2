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
    my @want = map { s/^(torn line .*)/sprintf 'unread1 why=torn bytes=%d text=%s', length $1, $1 =~ s, ,%20,gr/er }
      logged($dir);
    is scalar @all, scalar @want, 'every line of the directory was printed' or diag scalar keys %seen;
    is_deeply [bare(@all)], \@want, 'in order';
  };
}

# What a logger leaves behind that is killed in the middle of a write.
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

subtest 'a position that is gone' => sub {
  my ($dir, $cp) = fresh('gone');
  my $first = label_at(60) . " one\n";
  my %inode = files($dir, name_at(1) => $first . label_at(61) . " two\n", name_at(2) => "three\n",
    current => "four\n");
  my (undef, undef, @got) = run_follow('-1', $dir, $cp);
  my $files = slurp("$cp.files");
  my $is_gone = sub {
    my ($why, $name) = @_;
    my ($code, $said, @lines) = run_follow('-1', $dir, $cp);
    is $code, 100, "$name: exit 100";
    like $said, qr/^sinbin-follow: fatal: \S+: its position is gone from \S+: $why; lines are lost/, 'and why';
    is "@lines", '', 'nothing is printed';
  };
  my ($old, $next) = @inode{ name_at(1), name_at(2) };
  my $set = sub { spew($cp, sprintf "CP1 7 2 %s %s %s\n", @_) };
  $set->($old, length $first, label_at(60));
  is_deeply [run_follow('-1', $dir, $cp)], [0, '', @got[1 .. 3]], 'as it was';
  $set->($old, length $first, label_at(59));
  $is_gone->('another line ends there', 'another label');
  $set->($old, 10, label_at(60));
  $is_gone->('no line ends there', 'the middle of a line');
  $set->($old, 1000, '-');
  $is_gone->('its file is shorter', 'behind the end');
  $set->($next + 1_000_000_000, 0, '-');
  $is_gone->('its file was deleted', 'another inode');
  $set->($old, length $first, label_at(60));
  unlink "$dir/" . name_at(2);
  $is_gone->('files were deleted that had not been read', 'the next file was deleted');
  spew("$dir/" . name_at(2), "again\n");
  $is_gone->('files were deleted that had not been read', 'and made anew, with whatever inode');
  unlink "$dir/" . name_at(1), "$dir/" . name_at(2);
  $is_gone->('.*deleted.*', 'its file was deleted');
  my ($code, $said) = run_follow('-n', $dir, $cp);
  is "$code $said", '0 ', '-n makes a new checkpoint';
  my $c = checkpoint_of($cp);
  cmp_ok $c->{epoch}, '>=', time - 60, 'of a new epoch';
  is "$c->{seq} $c->{inode} $c->{offset} $c->{label}", "1 $inode{current} 0 -", 'at the oldest line';
  is_deeply [run_follow('-1', $dir, $cp)], [0, '', "four seq=1 pos=$inode{current}.5"], 'and goes on from there';
  spew($cp, "CP1 200000000000 1 1 0 -\n");
  is +(run_follow('-n', '-e', $dir, $cp))[0], 0, '-e: at the end';
  $c = checkpoint_of($cp);
  is "@$c{qw(epoch seq inode offset)}", "200000000001 1 $inode{current} 5", 'the epoch is above the old one';
  is_deeply [run_follow('-1', $dir, $cp)], [0, ''], 'there is nothing more';
};

subtest 'files that are deleted behind a reader that stands still' => sub {
  my ($dir, $cp) = fresh('behind');
  spew("$dir/current", join '', map { "line $_ " . 'x' x 500 . "\n" } 1 .. 1000);
  my $follow = start_follow($dir, $cp);
  my @got = take($follow, 1);
  rename "$dir/current", "$dir/" . name_at(1) or die;
  unlink "$dir/" . name_at(1);
  spew("$dir/" . name_at(3), "five\n");
  spew("$dir/current", "six\n");
  while (my @more = take($follow, 1)) { push @got, @more }
  is scalar @got, 1000, 'what it has open is read to the end';
  my ($code, $said) = finish($follow);
  is $code, 100, 'then it stops';
  like $said, qr/position is gone/, 'and says so';
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
  like $said, qr/^sinbin-follow: warning: \S+: line 3: .* \(strange lines so far: 1\)\n\z/, 'and is counted';
};

subtest 'a reader that goes, or stands still' => sub {
  my ($dir, $cp) = fresh('reader');
  spew("$dir/current", "one\n");
  my $follow = start_follow($dir, $cp);
  is scalar(take($follow, 1)), 1, 'it follows';
  close $follow->{out};
  my ($code, $said) = finish($follow);
  is $code, 111, 'no reader, and no line to write: exit 111';
  like $said, qr/nobody reads the output/, 'and why';
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
