#!/usr/bin/perl
# sinbin-score as a filter: golden lines, options, damaged databases and input, signals, latency.
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Test::More;
use File::Temp qw(tempdir);
use File::Spec;
use IO::Select;
use Time::HiRes qw(sleep time);
use POSIX ();

my $bin = File::Spec->rel2abs($ENV{SINBIN_BIN} || 'bin');
my $score = "$bin/sinbin-score";
my $top = tempdir(CLEANUP => 1);
my $owner = $$;
my %child;
$SIG{PIPE} = 'IGNORE';
END {
  if (defined $owner && $$ == $owner) { my $status = $?; kill 'KILL', $_ for keys %child; $? = $status }
}

sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }
sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; my $t = <$f>; return $t // '' }

# A database of the shipped rules with some files in the place of the shipped ones.
sub database {
  my ($name, %files) = @_;
  my $dir = "$top/$name";
  mkdir $dir or die "$dir: $!";
  for my $file (grep { -f && !/Makefile|\.|~/ } glob 'rules/*') {
    my ($base) = $file =~ m{([^/]+)$};
    put("$dir/$base", get($file) . (delete $files{$base} // ''));
  }
  put("$dir/$_", $files{$_}) for keys %files;
  system("$bin/sinbin-rules -o $top/$name.cdb $dir 2>/dev/null") == 0 or die 'sinbin-rules failed';
  return "$top/$name.cdb";
}

# Runs a command with input from a string: (exit code, output, errors).
sub run {
  my ($input, @command) = @_;
  put("$top/in", $input);
  my $pid = fork // die;
  if (!$pid) {
    open STDIN, '<', "$top/in";
    open STDOUT, '>', "$top/out";
    open STDERR, '>', "$top/err";
    exec @command or POSIX::_exit(127);
  }
  waitpid $pid, 0;
  return ($? & 127 ? "signal " . ($? & 127) : $? >> 8, get("$top/out"), get("$top/err"));
}

# Starts it between two pipes.
sub start {
  my (@command) = @_;
  pipe my $child_in, my $in or die;
  pipe my $out, my $child_out or die;
  my $pid = fork // die;
  if (!$pid) {
    open STDIN, '<&', $child_in;
    open STDOUT, '>&', $child_out;
    open STDERR, '>>', "$top/errors";
    close $_ for $in, $out, $child_in, $child_out;
    exec @command or POSIX::_exit(127);
  }
  $child{$pid} = 1;
  $in->autoflush(1);
  return { pid => $pid, in => $in, out => $out, text => '' };
}

sub line {
  my ($p, $patience) = @_;
  my $until = time + ($patience // 10);
  until ($p->{text} =~ /\n/) {
    my $left = $until - time;
    return undef if $left <= 0 || !IO::Select->new($p->{out})->can_read($left);
    sysread($p->{out}, $p->{text}, 65536, length $p->{text}) or return undef;
  }
  $p->{text} =~ s/^(.*)\n//;
  return $1;
}

sub wait_for {
  my ($p) = @_;
  my $until = time + 10;
  while (time < $until) {
    if (waitpid($p->{pid}, POSIX::WNOHANG()) == $p->{pid}) {
      delete $child{ $p->{pid} };
      return $? & 127 ? "signal " . ($? & 127) : $? >> 8;
    }
    sleep 0.01;
  }
  return 'still running';
}

my $rules = database('rules', own => "198.51.100.5\n", whitelist => "192.0.2.99\n", domains => "example.org\n",
  spamtraps => "trap\@example.org\n", dnsbl => "zen.example 4\n");
my $soft = database('soft', own => "198.51.100.5\n", domains => "example.org\n");
my $lines = get('tests/data/score/lines');

subtest 'golden lines' => sub {
  my ($code, $out, $err) = run($lines, $score, $rules);
  is $code, 0, 'exit 0';
  is $err, '', 'no warnings';
  my ($version) = $out =~ / rules=([0-9a-f]{16}) /;
  ok $version, 'the version of the rules is in the line';
  (my $masked = $out) =~ s/ rules=$version / rules=VERSION /g;
  put($ENV{SCORE_GOLDEN}, $masked) if $ENV{SCORE_GOLDEN};
  is $masked, get('tests/data/score/scored'), 'the lines are the golden ones';
  my ($again, $second) = run($lines, $score, $rules);
  is $second, $out, 'the same bytes again';
  ($again, $second) = run($out, $score, $rules);
  is $second, $out, 'the same bytes when scored lines are scored again';
  ($again, $second) = run($out, $score, $soft);
  unlike $second, qr/$version/, 'scored again by other rules, nothing of the first scoring is left';
};

subtest 'explained' => sub {
  my ($code, $out, $err) = run($lines, $score, '-d', $rules);
  is $code, 0, 'exit 0';
  $out =~ s/\(([a-z-]+):[0-9]+\)/($1:LINE)/g;
  put("$ENV{SCORE_GOLDEN}.d", $out) if $ENV{SCORE_GOLDEN};
  is $out, get('tests/data/score/explained'), 'as a table';
  unlike $out, qr/[^\x20-\x7e\n]/, 'of printable characters';
};

subtest 'the manual' => sub {
  my $example = 'session1 at=1764000000.123 peer=192.0.2.7 local=198.51.100.5 ms=14023 stage=data end=fin after=none '
    . 'helo=ylmf-pc helos=1 bytes=98 talk=banner:0.310:14:EHLO%20ylmf-pc%0D%0A did=early-talk,odd-space '
    . "dialect=EHLO%20H|MAIL%20FROM:%20<A>|RCPT%20TO:%20<A>*2|DATA r451=yes mx=high\n";
  my ($code, $out) = run($example, $score, '-d', database('shipped'));
  is $code, 0, 'exit 0';
  like $out, qr/^192\.0\.2\.7 bot, .*\n(?:  .*\n){7}\z/, '-d prints a table';
  like get('src/prog/sinbin-score.1'), qr/\Q$out\E/, 'the manual shows it';
};

subtest 'counted' => sub {
  my ($code, $out) = run($lines . "session1 rubbish\n", $score, '-n', $rules);
  is $code, 0, 'exit 0';
  put("$ENV{SCORE_GOLDEN}.n", $out) if $ENV{SCORE_GOLDEN};
  is $out, get('tests/data/score/counted'), 'verdicts and sins';
  ($code, $out) = run('', $score, '-n', $rules);
  is $out, "sessions 0\n", 'of nothing';
};

subtest 'backtest' => sub {
  my ($code, $out) = run($lines, $score, '-c', $soft, $rules);
  is $code, 0, 'exit 0';
  my @changed = grep { /^[^#]/ } split /\n/, $out;
  is scalar @changed, 1, 'one verdict differs';
  like $changed[0], qr/ peer=192\.0\.2\.99 .* verdict=exempt oldscore=14 oldverdict=bot$/, 'the exempted one';
  like $out, qr/^# sessions 9\n# changed 1\n# bot -> exempt 1\n\z/m, 'and the totals';
  ($code, $out) = run($lines, $score, '-c', $rules, $rules);
  is $out, "# sessions 9\n# changed 0\n", 'nothing differs from itself';
};

subtest 'usage and databases' => sub {
  put("$top/empty", '');
  put("$top/garbage", "\x80garbage" x 4096);
  my $whole = get($rules);
  put("$top/cut", substr $whole, 0, 3000);
  put("$top/zero", "\0" x length $whole);
  for my $case (
    ['no arguments', [], qr/usage: sinbin-score /],
    ['two databases', [$rules, $rules], qr/usage/],
    ['an unknown option', ['-x', $rules], qr/usage/],
    ['two modes', ['-d', '-n', $rules], qr/usage/],
    ['an option without its argument', ['-c'], qr/usage/],
    ['a missing database', ["$top/none"], qr/fatal: unable to open \S+none: No such file/],
    ['a missing old database', ['-c', "$top/none", $rules], qr/fatal: unable to open \S+none/],
    ['a directory', [$top], qr/fatal: /],
    ['an empty database', ["$top/empty"], qr/damaged/],
    ['garbage', ["$top/garbage"], qr/damaged/],
    ['a database cut short', ["$top/cut"], qr/damaged|malformed/],
    ['a database of zeros', ["$top/zero"], qr/damaged/],
  ) {
    my ($name, $arguments, $want) = @$case;
    my ($code, $out, $err) = run($lines, $score, @$arguments);
    is $code, 100, "$name: exit 100";
    like $err, $want, 'and a reason';
    is $out, '', 'and no output';
  }
};

# Damage that no opening sees: an entry that is too short, the intervals of addresses that are no whole number.
subtest 'a record that only a look-up meets' => sub {
  my $look_up = sub {
    my ($damaged, $more, $name) = @_;
    put("$top/bad.cdb", $damaged);
    my ($opened) = run('', $score, "$top/bad.cdb");
    is $opened, 0, "$name: it can be opened";
    my ($got, $text, $said) = run("session1 at=1.000 peer=192.0.2.1 ms=1 stage=helo end=fin bytes=1 $more\n", $score,
      "$top/bad.cdb");
    is $got, 100, "$name: exit 100";
    like $said, qr/damaged database/, 'and says why';
    is $text, '', 'no verdict';
  };
  my $whole = get(database('own', own => "mx.own.example\n", dynamic => "192.0.2.0/24\n"));
  my $record = sub {
    my ($key, $cut) = @_;
    my $at = index $whole, $key;
    die "no $key in the database" if $at < 8 || index($whole, $key, $at + 1) >= 0;
    my ($key_len, $len) = unpack 'VV', substr $whole, $at - 8, 8;
    die "not the key $key" if $key_len != length $key;
    my $damaged = $whole;
    substr $damaged, $at - 4, 4, pack 'V', $len - $cut;
    return $damaged;
  };
  $look_up->($record->('own-names=mx.own.example', 2), 'helo=mx.own.example', 'an entry of a name');
  $look_up->($record->('dynamic:4', 1), '', 'a table of addresses');
};

subtest 'lines that cannot be read are passed on and logged' => sub {
  my $good = "session1 at=1.000 peer=192.0.2.1 ms=1 stage=helo end=fin bytes=1";
  # The line, and the piece in its mark; without a piece it is not marked.
  for my $case (
    ['session1', 'at'], ['session2 at=1.000', 'session2%20at=1.000'], ['session1  at=1.000', ''],
    ['session', 'session'], ['session1 rubbish seq=7 pos=11.240', 'rubbish'],
    ['@400000006b04de0c0cc3c80f session1 at=1.000', 'peer'],
    ['session1 at=x peer=192.0.2.1 ms=1 stage=helo end=fin', 'at'], ["$good end=fin", 'end'],
    ["$good helo=ma%zz", 'helo'], ["$good helo=a.example from=a%4\@b.example", 'from'], ["$good ptr=%", 'ptr'],
    ["$good helo=\x07\xff%", 'helo=%07%FF%25'], ['session1 ' . 'x' x 9000, 'too-long'],
    ["$good helo=" . 'y' x 8000, 'too-long'],
    ['note this'], ['@400000006924 7c8a x'], ['Lost1 a=1'], ['lost01 a=1'], [''], ["\x1b[31m red"],
  ) {
    my ($line, $piece) = @$case;
    my $want = defined $piece ? "$line unread=score:$piece" : $line;
    my ($code, $out, $err) = run("$line\n$good\n", $score, $rules);
    is $code, 0, 'exit 0';
    my ($first, $second) = split /\n/, $out;
    is $first, $want, 'passed on whole: ' . substr($line =~ s/[^ -~]/?/gr, 0, 60);
    like $second, qr/^\Q$good\E rules=/, 'and the next line is scored';
    like $err, qr/^sinbin-score: warning: standard input:1: [^\n]*\n\z/, 'logged with its line number';
    unlike $err, qr/[^\x20-\x7e\n]/, 'in printable characters';
    my ($again, $twice) = run("$first\n", $score, $rules);
    is $twice, "$want\n", 'and has one mark when it is scored again';
  }
  my $foreign = "$good seq=8 pos=11.300 unread=resolve:ptr";
  for my $line ($foreign, "$foreign more=1") {
    my ($code, $out, $err) = run("$line\n", $score, $rules);
    is "$code $out$err", "0 $line\n", 'a line that another program marked is passed on, and nothing is logged';
    ($code, $out) = run("$line\n$good\nsession1\n", $score, '-n', $rules);
    like $out, qr/^sessions 1\nunread 2\n/, 'and counted';
    ($code, $out) = run("$line\n", $score, '-d', $rules);
    is $out, '', 'not explained';
  }
  my ($counted, $totals) = run("$good helo=ma%zz\n$good helo=ma%7A%7a\n", $score, '-n', $rules);
  like $totals, qr/^sessions 1\nunread 1\n/, 'a line whose name cannot be decoded is counted, one whose name can is judged';
  my ($unmarked, $judged) = run("$good unread=score:at\n", $score, $rules);
  like $judged, qr/^\Q$good\E rules=/, 'a line that can be read now loses its mark';
  my $gap = 'gap1 at=1764000040.123 after=77.999 from=@400000006b04de0c0cc3c80f seq=1 pos=78.0';
  for my $line ('lost1 peer=192.0.2.1', '@400000006b04de0c0cc3c80f status1 held=0', 'sinbin-listen: warning: x',
    'lost1 peer=192.0.2.1 seq=9 pos=11.400', 'sinbin-listen: warning: x seq=10 pos=11.500', $gap) {
    my ($code, $out, $err) = run("$line\n", $score, $rules);
    is "$code $out$err", "0 $line\n", "$line: passed on unchanged";
    ($code, $out, $err) = run("$line\n", $score, '-d', $rules);
    is "$code $out$err", '0 ', 'not explained';
    ($code, $out, $err) = run("$line\n", $score, '-n', $rules);
    is "$code $out$err", "0 sessions 0\n", 'not counted';
    ($code, $out, $err) = run("$line\n", $score, '-c', $rules, $rules);
    is "$code $out$err", "0 # sessions 0\n# changed 0\n", 'not compared';
  }
  my ($code, $out, $err) = run("x y\n" x 3 . "session1\n" x 5000, $score, $rules);
  is length $out, 12 + length("session1 unread=score:at\n") * 5000, 'all lines are passed on';
  cmp_ok scalar(my @warnings = $err =~ /\n/g), '<=', 4, 'few warnings';
  ($code, $out, $err) = run("$good\n$good", $score, $rules);
  like $out, qr/^\Q$good\E rules=[^\n]*\n\Q$good\E\z/, 'a last line without a line end is not scored';
  like $err, qr/:2: no line end/, 'and logged';
  ($code, $out, $err) = run('session1 ' . 'x' x 300_000 . "\n$good\n", $score, $rules);
  like $out, qr/^\Q$good\E rules=[^\n]*\n\z/, 'a line that is longer than the buffer is dropped';
  like $err, qr/:1: too long, dropped/, 'and logged';
};

my $line = "session1 at=1.000 peer=192.0.2.1 ms=1 stage=helo end=fin bytes=1";

subtest 'latency, SIGTERM' => sub {
  my $p = start($score, $rules);
  for (1 .. 3) {
    print { $p->{in} } "$line seq=$_\n";
    like line($p), qr/ seq=$_ rules=/, 'scored at once though more may come';
  }
  print { $p->{in} } "$line seq=9";
  ok !defined line($p, 0.2), 'a line without its end waits';
  print { $p->{in} } "1\n";
  like line($p), qr/ seq=91 /, 'for its end';
  print { $p->{in} } "$line seq=10\n$line";
  like line($p), qr/ seq=10 /, 'the whole line before the signal';
  kill 'TERM', $p->{pid};
  is wait_for($p), 0, 'SIGTERM: exit 0';
  ok !defined line($p, 1), 'and nothing of the line that was not whole';
};

subtest 'lists of the operator' => sub {
  my $dir = "$top/lists";
  database('lists', blacklist => "192.0.2.7 2\n", helo => "zz-*\n*-zombie\n");
  mkdir "$dir/tables.d" or die;
  put("$dir/tables.d/drop.3", "192.0.2.0/24\n!192.0.2.9\n2001:db8::/32\n");
  put("$dir/tables.d/more.4.sure", "ip,x\n192.0.2.8,y\n192.0.2.10,y\n");
  put("$dir/tables.d/soft.2.hint", "192.0.2.8\n198.18.0.0/24\n");
  put("$dir/tables.d/names.5", ".bad.example\n!good.bad.example\n");
  system("$bin/sinbin-rules -o $dir.cdb $dir 2>/dev/null") == 0 or die 'sinbin-rules failed';
  my $explained = sub {
    my ($peer, $more) = @_;
    my (undef, $out) = run("session1 at=1764000000.123 peer=$peer pport=1 local=198.51.100.5 lport=25 ms=9 stage=helo "
      . "end=fin after=none verb=ehlo $more helos=1 rcpts=0 lines=1 bad=0 bytes=9 rtt=0\n", $score, '-d', "$dir.cdb");
    return join '', map { s/\n(?=.)/;/gr =~ s/\s+/ /gr =~ s/^ //r =~ s/ $/\n/r } $out =~ /^  \S+ +(?:listed|helo-bot) .*\n(?: {8}.*\n)*/mg;
  };
  for my $row (
    ['192.0.2.1', 'helo=a.example', "source listed 3 3 peer 192.0.2.1 (tables.d/drop.3:1)\n"],
    ['192.0.2.9', 'helo=a.example', ''],
    ['2001:db8::7', 'helo=a.example', "source listed 3 3 peer 2001:db8::7 (tables.d/drop.3:3)\n"],
    ['192.0.2.7', 'helo=a.example', "source listed 5 5 peer 192.0.2.7 (blacklist:LINE): 2; peer 192.0.2.7 (tables.d/drop.3:1): 3\n"],
    ['192.0.2.8', 'helo=a.example',
      "source listed 8 sure 8 peer 192.0.2.8 (tables.d/more.4.sure:2): 4 sure; peer 192.0.2.8 (tables.d/drop.3:1): 3; peer 192.0.2.8 (tables.d/soft.2.hint:1): 2 hint\n"],
    ['198.18.0.7', 'helo=a.example', "source listed 2 hint 2 peer 198.18.0.7 (tables.d/soft.2.hint:2)\n"],
    ['192.0.2.10', 'helo=x.bad.example',
      "source listed 8 sure 8 peer 192.0.2.10 (tables.d/more.4.sure:3): 4 sure; peer 192.0.2.10 (tables.d/drop.3:1): 3; "
      . "x.bad.example (tables.d/names.5:1): 5\n"],
    ['198.51.100.9', 'helo=X.Bad.Example', "source listed 5 5 X.Bad.Example (tables.d/names.5:1)\n"],
    ['198.51.100.9', 'helo=good.bad.example', ''],
    ['198.51.100.9', 'helo=nobad.example', ''],
    ['198.51.100.9', 'helo=good.bad.example ptr=pc.bad.example fcrdns=yes',
      "source listed 5 5 pc.bad.example (tables.d/names.5:1)\n"],
    ['198.51.100.9', 'helo=a.example ptr=pc.bad.example fcrdns=no',
      "source listed 5 5 pc.bad.example (tables.d/names.5:1)\n"],
    ['198.51.100.9', 'helo=bad.example ptr=pc.bad.example fcrdns=yes',
      "source listed 5 5 bad.example (tables.d/names.5:1)\n"],
    ['198.51.100.9', 'helo=ZZ-17', "helo helo-bot 8 sure 8 ZZ-17 (helo:LINE)\n"],
    ['198.51.100.9', 'helo=zz-', "helo helo-bot 8 sure 8 zz- (helo:LINE)\n"],
    ['198.51.100.9', 'helo=my-zombie', "helo helo-bot 8 sure 8 my-zombie (helo:LINE)\n"],
    ['198.51.100.9', 'helo=azz-1', ''],
    ['198.51.100.9', 'helo=zz', ''],
    ['198.51.100.9', 'helo=my-zombie.example', ''],
  ) {
    my ($peer, $more, $want) = @$row;
    is $explained->($peer, $more) =~ s/\((blacklist|helo):\d+\)/($1:LINE)/r, $want, "$peer $more";
  }
};

subtest 'SIGTERM under load' => sub {
  put("$top/many", "$line\n" x 200_000);
  pipe my $out, my $child_out or die;
  my $pid = fork // die;
  if (!$pid) {
    open STDIN, '<', "$top/many";
    open STDOUT, '>&', $child_out;
    exec $score, $rules or POSIX::_exit(127);
  }
  $child{$pid} = 1;
  close $child_out;
  my ($text, $signalled) = ('', 0);
  while (sysread $out, $text, 65536, length $text) { kill 'TERM', $pid if !$signalled++ }
  is wait_for({ pid => $pid }), 0, 'exit 0';
  like $text, qr/\n\z/, 'what was written ends with a whole line';
  my $whole = () = $text =~ /^\Q$line\E rules=[0-9a-f]{16} sins=\S* score=-?\d+ verdict=\w+$/mg;
  is $whole, $text =~ tr/\n//, 'and all lines are whole';
  cmp_ok $whole, '<', 200_000, 'it did stop';
};

subtest 'the reader is gone' => sub {
  my $p = start($score, $rules);
  close $p->{out};
  print { $p->{in} } "$line\n";
  is wait_for($p), 111, 'exit 111';
  $p = start($score, $rules);
  print { $p->{in} } "$line\n";
  ok defined line($p), 'another is read';
  close $p->{out};
  is wait_for($p), 111, 'and left: exit 111, without another line';
};

subtest 'a replaced database' => sub {
  my $live = "$top/live.cdb";
  put($live, get($soft));
  my $p = start($score, $live);
  my $scored = sub { print { $p->{in} } "$line\n"; my ($v) = (line($p) // '') =~ / rules=(\S+)/; return $v };
  my $old = $scored->();
  put("$live.new", get($rules));
  rename "$live.new", $live or die;
  sleep 1.1;
  my $new = $scored->();
  isnt $new, $old, 'a new database is used from the next line on';
  put("$live.new", 'garbage');
  rename "$live.new", $live or die;
  sleep 1.1;
  is $scored->(), $new, 'a file that is not a database is not used';
  sleep 1.1;
  is $scored->(), $new, 'later, too';
  my @told = get("$top/errors") =~ /keeping rules \Q$new\E/g;
  is scalar @told, 1, 'one warning is logged';
  unlink $live or die;
  sleep 1.1;
  is $scored->(), $new, 'a missing database changes nothing';
  put("$live.new", get($soft));
  rename "$live.new", $live or die;
  sleep 1.1;
  is $scored->(), $old, 'a good database is used again';
  close $p->{in};
  is wait_for($p), 0, 'exit 0 at the end of input';
};

done_testing;
