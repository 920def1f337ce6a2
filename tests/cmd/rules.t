#!/usr/bin/perl
# sinbin-rules: rule text to rules.cdb, what happens to broken text, and questions to a database.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $program = "$bin/sinbin-rules";
my $shipped = abs_path('rules');
my $top = tempdir(CLEANUP => 1);

# (exit code, stdout, stderr), the scratch directory shown as TOP
sub run {
  my @command = @_;
  my $pid = fork // die $!;
  if (!$pid) {
    open STDOUT, '>', "$top/out" or die $!;
    open STDERR, '>', "$top/err" or die $!;
    exec @command or die "$command[0]: $!";
  }
  waitpid $pid, 0;
  my $code = $? & 127 ? "signal $?" : $? >> 8;
  my ($out, $err) = (slurp("$top/out"), slurp("$top/err"));
  s/\Q$top\E/TOP/g for $out, $err;
  return ($code, $out, $err);
}

# Without the warnings that lists of addresses for documentation get.
sub public {
  my ($said) = @_;
  return $said =~ s/^.*: warning: entries that hold special-purpose addresses: .*\n//mgr;
}

# A directory with the two files that must be there, and others.
my $made = 0;
sub rules_dir {
  my %text = @_;
  my $dir = "$top/r" . ++$made;
  mkdir $dir or die $!;
  copy "$shipped/$_", "$dir/$_" or die $! for qw(weights thresholds);
  spew("$dir/$_", $text{$_}) for keys %text;
  return $dir;
}

sub identity {
  my ($path) = @_;
  my @st = stat $path or return 'none';
  return "$st[1] " . slurp($path);
}

# --- what is shipped
my ($code, $err, $out) = run($program, '-o', "$top/shipped.cdb", $shipped);
is $code, 0, 'the shipped rules are built';
is $err, '', 'with nothing on stdout';
like $out, qr/\Aversion [0-9a-f]{16}\n/, 'the version is shown';
like $out, qr/^weights names \d+$/m, 'and the tables';
like $out, qr/^tlds names 1\d\d\d$/m, 'with their entries';
unlike $out, qr/^$_ /m, "$_ is shipped empty, so there is no table"
  for qw(dynamic blacklist dnsbl whitelist whitelist-names own own-names domains spamtraps recipients dialects
     canaries helo-patterns tables.d/README);

is_deeply [run($program, '-l', "$top/shipped.cdb")], [0, $out, ''], '-l shows the same';

for my $row (
  ['neverlist', '10.255.0.1', 0, qr/^neverlist:\d+\n\z/],
  ['neverlist', 'fe80::1', 0, qr/^neverlist:\d+\n\z/],
  ['neverlist', '8.8.8.8', 1, qr/^\z/],
  ['neverlist', '2600::1', 1, qr/^\z/],
  ['highmx', '192.0.2.1', 0, qr/^highmx:\d+\n\z/],
  ['highmx', '2001:db8::1', 0, qr/^highmx:\d+\n\z/],
  ['weights', 'early-talk-sure', 0, qr/^weights:\d+ 8 sure\n\z/],
  ['weights', 'early-talk', 0, qr/^weights:\d+ 4 hint\n\z/],
  ['weights', 'quit', 0, qr/^weights:\d+ -4\n\z/],
  ['thresholds', 'bot', 0, qr/^thresholds:\d+ 8\n\z/],
  ['helo', 'YLMF-PC', 0, qr/^helo:\d+\n\z/],
  ['helo', 'ylmf', 1, qr/^\z/],
  ['bigco', 'mail-7.google.com', 0, qr/^bigco:\d+ google\.com\n\z/],
  ['bigco', 'notgoogle.com', 1, qr/^\z/],
  ['tlds', 'ORG', 0, qr/^tlds:\d+\n\z/],
  ['tlds', 'xn--p1ai', 0, qr/^tlds:\d+\n\z/],
  ['tlds', 'local', 1, qr/^\z/],
  ['pool-words', 'dsl', 0, qr/^pool-words:\d+ strong\n\z/],
  ['pool-words', 'pool', 0, qr/^pool-words:\d+\n\z/],
  ['host-words', 'static', 0, qr/^host-words:\d+\n\z/],
  ['host-words', 'vps', 0, qr/^host-words:\d+ rented\n\z/],
) {
  my ($table, $key, $want_code, $want) = @$row;
  my ($got_code, $got, $said) = run($program, '-q', $table, $key, "$top/shipped.cdb");
  is $got_code, $want_code, "$table $key: exit $want_code";
  like $got, $want, "$table $key: answer";
  is $said, '', "$table $key: nothing else";
}

is_deeply [run('/bin/sh', '-c', 'exec "$0" "$@" <&-', $program, '-o', "$top/closed.cdb", $shipped)], [0, '', $out],
  'without descriptor 0 the same is read';

# --- the same text, the same bytes
my %some = (
  dynamic => "192.0.2.0/24\n!192.0.2.25\n2001:db8::/32\n",
  blacklist => "192.0.2.7 2\n",
  whitelist => ".example.org\n198.51.100.1\n",
  own => "192.0.2.25\nmx1.example.org\n",
  domains => "example.org\n.example.net\n",
  dialects => "EHLO%20H|DATA 4 sure some-bot\n",
);
my $dir = rules_dir(%some);
my $twin = rules_dir(%some);
($code, $out, $err) = run($program, $dir);
is $code, 0, 'rules of our own are built into their directory' or diag $err;
is public($err), slurp_list("$dir/rules.cdb"), 'and listed';
is $out, '', 'on stderr';
my $written = time - 86400;
utime $written, $written, glob "$_/*" for $dir, $twin;
run($program, $dir);
run($program, $twin);
is slurp("$twin/rules.cdb"), slurp("$dir/rules.cdb"), 'two directories of the same text, equally old: the same bytes';
utime $written - 60, $written - 60, "$twin/dynamic";
run($program, $twin);
is((slurp_list("$twin/rules.cdb") =~ /\Aversion (\w+)/)[0], (slurp_list("$dir/rules.cdb") =~ /\Aversion (\w+)/)[0],
  'of another age: the same version');
is sprintf('%o', (stat "$dir/rules.cdb")[2] & 07777), '644', 'readable for the scorer';
ok !-e "$dir/rules.cdb.tmp", 'no temporary file is left';
my $bytes = slurp("$dir/rules.cdb");
is((run($program, $dir))[0], 0, 'built again');
is slurp("$dir/rules.cdb"), $bytes, 'the same bytes again';

sub slurp_list {
  my ($path) = @_;
  my ($got, $text) = run($program, '-l', $path);
  return $got == 0 ? $text : "exit $got";
}

for my $row (
  ['dynamic', '192.0.2.24', 0, "dynamic:1\n"],
  ['dynamic', '192.0.2.25', 1, ''],
  ['dynamic', '::ffff:192.0.2.24', 0, "dynamic:1\n"],
  ['dynamic', '2001:db8:1::', 0, "dynamic:3\n"],
  ['blacklist', '192.0.2.7', 0, "blacklist:1 2\n"],
  ['whitelist-names', 'a.b.example.org', 0, "whitelist:1\n"],
  ['whitelist-names', 'example.org', 0, "whitelist:1\n"],
  ['whitelist', '198.51.100.1', 0, "whitelist:2\n"],
  ['own-names', 'MX1.example.org', 0, "own:2\n"],
  ['own-names', 'x.mx1.example.org', 1, ''],
  ['domains', 'example.org', 0, "domains:1\n"],
  ['domains', 'x.example.org', 1, ''],
  ['domains', 'x.example.net', 0, "domains:2\n"],
  ['dialects', 'EHLO%20H|DATA', 0, "dialects:1 4 sure some-bot\n"],
  ['dialects', 'ehlo%20h|data', 1, ''],
) {
  my ($table, $key, $want_code, $want) = @$row;
  is_deeply [run($program, '-q', $table, $key, "$dir/rules.cdb")], [$want_code, $want, ''],
    "$table $key";
}

# --- broken text: exit 100, where and why, and the old database as it was
my $before = identity("$dir/rules.cdb");
sub broken {
  my ($name, $file, $text, @want) = @_;
  my $old = -e "$dir/$file" ? slurp("$dir/$file") : undef;
  spew("$dir/$file", $text);
  my ($got, $said, $complaint) = run($program, $dir);
  $complaint =~ s{TOP/r\d+}{DIR}g;
  my $errors = @want;
  push @want, "sinbin-rules: fatal: $errors error" . ($errors == 1 ? '' : 's')
    . ": DIR/rules.cdb is left as it was";
  is $got, 100, "$name: exit 100";
  is $said, '', "$name: nothing on stdout";
  is public($complaint), join('', map { "$_\n" } @want), "$name: said where and why";
  is identity("$dir/rules.cdb"), $before, "$name: the same inode and bytes";
  ok !-e "$dir/rules.cdb.tmp", "$name: no temporary file";
  defined $old ? spew("$dir/$file", $old) : unlink "$dir/$file";
}

broken('host bits', 'highmx', "# twelve\n192.0.2.0/24\n192.0.2.1/24\n",
  'DIR/highmx:3: host bits are set: 192.0.2.1/24');
broken('several', 'neverlist', "192.0.2.0/33\n192.0.2.0/24\nx\n",
  'DIR/neverlist:1: the prefix length is not 0 to 32: 192.0.2.0/33',
  'DIR/neverlist:3: the address is malformed: x');
broken('terminal', 'helo', "a\x80\x9b%\n", 'DIR/helo:1: the name is malformed: a??%');
broken('cut', 'highmx', "192.0.2.0/24\n192.0.2.0/2",
  'DIR/highmx:2: the last line has no line end: was the file cut short?');
broken('a star in the middle', 'helo', "bot*net\n", 'DIR/helo:1: a `*` must be the first or the last byte: bot*net');
broken('two stars', 'helo', "*bot*\n", 'DIR/helo:1: there is more than one `*`: *bot*');
broken('little beside a star', 'helo', "*-p\n", 'DIR/helo:1: a pattern needs 3 to 32 bytes besides the `*`: *-p');
broken('much beside a star', 'helo', 'x' x 33 . "*\n",
  'DIR/helo:1: a pattern needs 3 to 32 bytes besides the `*`: ' . 'x' x 33 . '*');
broken('two addresses in a line', 'neverlist', "192.0.2.1\n192.0.2.4, 192.0.2.9\n",
  'DIR/neverlist:2: a second address in the line: write one per line: 192.0.2.9');
broken('two addresses in a line, otherwise', 'neverlist', "192.0.2.4;192.0.2.9\n",
  'DIR/neverlist:1: a second address in the line: write one per line');
broken('an address as a domain', 'domains', "example.org\n192.0.2.1\n", 'DIR/domains:2: an address, not a domain: 192.0.2.1');
spew("$dir/pool-words", "# pools\ndsl strong\n");
broken('a word of hosts that is a pool\'s', 'host-words', "mx\n\ndsl\n",
  'DIR/host-words:3: this word is also in pool-words, line 2: dsl');
unlink "$dir/pool-words";
broken('a canary by name', 'canaries', "host.example\n", 'DIR/canaries:1: the address is malformed: host.example');
broken('a contradiction', 'highmx', "192.0.2.7\n!192.0.2.7\n",
  'DIR/highmx:2: contradicts an earlier line: 1');
my $weights = slurp("$dir/weights");
(my $lacking = $weights) =~ s/^early-talk .*\n//m;
my $last = () = $lacking =~ /\n/g;
broken('a weight lacks', 'weights', $lacking,
  "DIR/weights:$last: no weight is given for the sin: early-talk");
broken('an unknown sin', 'weights', "${weights}no-such-sin 4\n",
  'DIR/weights:' . ($last + 2) . ': unknown sin: no-such-sin');
(my $heavy = $weights) =~ s/^high-mx 2/high-mx 100/m;
my ($high) = grep { (split /\n/, $heavy)[$_ - 1] =~ /^high-mx/ } 1 .. $last;
broken('a weight too great', 'weights', $heavy,
  "DIR/weights:$high: the weight is not a whole number from -99 to 99: high-mx 100");
broken('a word of a list that is none', 'dynamic.conf', "range\ncolour red\n",
  'DIR/dynamic.conf:2: unknown word (format, column, value, range, trigger or wide): colour red');
broken('thresholds the wrong way round', 'thresholds', "bot 4\nsuspect 8\n",
  'DIR/thresholds:2: suspect is above bot');

spew("$dir/highmx", "x\n" x 30);
spew("$dir/helo", "y y\n");
($code, $out, $err) = run($program, $dir);
is $code, 100, 'many errors: exit 100';
is scalar(() = public($err) =~ /^TOP.*$/mg), 20, 'twenty are shown';
like $err, qr/fatal: 31 errors, the first 20 shown: /, 'all are counted';
unlink "$dir/highmx", "$dir/helo";

# --- files that are there, or not
unlink "$dir/thresholds";
($code, $out, $err) = run($program, $dir);
is $code, 100, 'no thresholds: exit 100';
like $err, qr{^TOP/r\d+/thresholds: this file is missing$}m, 'said so';
is identity("$dir/rules.cdb"), $before, 'the old database stays';
copy "$shipped/thresholds", "$dir/thresholds";
spew("$dir/$_", "rubbish\n") for 'dynamic~', '.hidden', 'notes.txt', 'Makefile', 'other.cdb';
is((run($program, $dir))[0], 0, 'editors\' copies, hidden files, notes and Makefile are passed over');
spew("$dir/dynamics", "192.0.2.0/24\n");
($code, $out, $err) = run($program, $dir);
is $code, 100, 'a name that is none: exit 100';
like $err, qr{^TOP/r\d+/dynamics: not a rule file; there are weights thresholds dynamic .* host-words$}m,
  'the known ones are named';
unlink "$dir/dynamics";
mkdir "$dir/helo";
is((run($program, $dir))[0], 100, 'a directory in place of a file: exit 100');
rmdir "$dir/helo";
spew("$dir/helo", '');
truncate "$dir/helo", 2**30 + 1 or die $!;
is_deeply [run($program, $dir)], [100, '', "sinbin-rules: fatal: TOP/r1/helo is larger than 1 GiB\n"],
  'a file over 1 GiB: exit 100';
unlink "$dir/helo";
unlink "$dir/dynamic";
symlink '/nonexistent', "$dir/dynamic";
is((run($program, $dir))[0], 0, 'a link to nothing is a file that is missing');
unlike slurp_list("$dir/rules.cdb"), qr/^dynamic /m, 'and its table with it';
unlink "$dir/dynamic";

# --- lists that are dropped into tables.d
sub list_dir {
  my %list = @_;
  my $made = rules_dir();
  mkdir "$made/tables.d" or die $!;
  spew("$made/tables.d/$_", $list{$_}) for keys %list;
  return $made;
}
sub gzip {
  my ($text) = @_;
  spew("$top/plain", $text);
  return scalar `gzip -nc $top/plain`;
}

my %lists = (
  'rented.2.hint' => "203.0.113.0/24\n", 'slow.3.hint.gz' => gzip("203.0.113.7\n"),
  'drop.8.sure' => "; as Spamhaus has it\n192.0.2.0/24 ; SBL1\n192.0.2.0/24 ; SBL2\n",
  'pbl.4' => "\$SOA 1w a b 0 1h 1h 1h 1h\n:127.0.0.10:policy\n10.1-3\n!10.2.3\n2001:db8:1\n",
  'scores.2' => "ip,score\n198.51.100.7,99\n",
  'names.3' => ".bad.example\n!good.bad.example\n.Bad.Example\n",
  'zipped.1.gz' => gzip("203.0.113.0/24\n"),
  'zippedtoo.1' => gzip("ip,x\n203.0.113.0/24,y\n"),
  map { $_ => "rubbish rubbish\n" } 'README', '.hidden.4', 'drop.8~', 'drop.8.tmp',
);
my $listed = list_dir(%lists);
($code, $out, $err) = run($program, $listed);
is $code, 0, 'lists are read' or diag $err;
my $date = qr/date=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;
like $err, qr{^tables\.d/drop addresses 1 duplicates=1 ipv4=256 $date$}m, 'a list as Spamhaus has it';
like $err, qr{^tables\.d/pbl addresses 3 exclusions=1 passed=2 ipv4=196352 nets64=65536 $date$}m, 'a zone of rbldnsd';
like $err, qr{^tables\.d/scores addresses 1 passed=1 ipv4=1 $date$}m, 'a CSV and its heading';
like $err, qr{^tables\.d/names suffixes 2 exclusions=1 duplicates=1 $date$}m, 'names';
is scalar(() = $err =~ m{^tables\.d/}mg), 8, 'the others are passed over';
for my $row (
  ['drop', '192.0.2.255', 0, "tables.d/drop.8.sure:2 8 sure\n"],
  ['rented', '203.0.113.9', 0, "tables.d/rented.2.hint:1 2 hint\n"],
  ['slow', '203.0.113.7', 0, "tables.d/slow.3.hint.gz:1 3 hint\n"],
  ['pbl', '10.3.255.255', 0, "tables.d/pbl.4:3 4\n"],
  ['pbl', '10.2.3.4', 1, ''],
  ['pbl', '2001:db8:1:ffff::', 0, "tables.d/pbl.4:5 4\n"],
  ['scores', '198.51.100.7', 0, "tables.d/scores.2:2 2\n"],
  ['names', 'x.Bad.example', 0, "tables.d/names.3:1 3\n"],
  ['names', 'good.bad.example', 1, ''],
  ['zipped', '203.0.113.9', 0, "tables.d/zipped.1.gz:1 1\n"],
  ['zippedtoo', '203.0.113.9', 0, "tables.d/zippedtoo.1:2 1\n"],
) {
  my ($table, $key, $want_code, $want) = @$row;
  is_deeply [run($program, '-q', "tables.d/$table", $key, "$listed/rules.cdb")], [$want_code, $want, ''],
    "tables.d/$table $key";
}
$before = identity("$listed/rules.cdb");
for my $row (
  ['bad.9', "192.0.2.0/24\n", 'tables.d/bad.9: WEIGHT is not 1 to 8'],
  ['bad.txt', "192.0.2.0/24\n", 'tables.d/bad.txt: WEIGHT is not 1 to 8'],
  ['bad', "192.0.2.0/24\n",
    'tables.d/bad: the name is not NAME.WEIGHT, NAME.WEIGHT.sure or NAME.WEIGHT.hint, perhaps with .gz at the end'],
  map({ ["bad.4.$_", "192.0.2.0/24\n", "tables.d/bad.4.$_: the name is not NAME.WEIGHT, NAME.WEIGHT.sure or "
    . 'NAME.WEIGHT.hint, perhaps with .gz at the end'] } qw(hints hint.sure sure.hint gz.hint)),
  ['drop.4', "192.0.2.0/24\n", 'tables.d/drop.8.sure: another list has this NAME'],
  ['foo bar.3', "192.0.2.4\n", 'tables.d/foo bar.3: NAME is not 1 to 32 of a-z, 0-9 and hyphens'],
) {
  my ($file, $text, $want) = @$row;
  spew("$listed/tables.d/$file", $text);
  ($code, $out, $err) = run($program, $listed);
  is $code, 100, "$want: exit 100";
  like $err, qr{^TOP/r\d+/\Q$want\E$}m, "$want: said";
  is identity("$listed/rules.cdb"), $before, "$want: the old database stays";
  unlink "$listed/tables.d/$file";
}

# --- a list that cannot be read holds up nothing else
for my $row (
  ['bad.4', "192.0.2.0/24\n\n10.1/16 x\n", 'tables.d/bad.4:3: there is more than one word: x'],
  ['bad.4', "192.0.2.0/24,x\n10.0.0.1/24,x\n", 'tables.d/bad.4:2: host bits are set: 10.0.0.1/24'],
  ['bad.4.gz', substr($lists{'zipped.1.gz'}, 0, -1), 'tables.d/bad.4.gz: the gzip data is cut short'],
  ['bad.4', '', 'tables.d/bad.4: this list is empty: did the download fail?'],
  ['bad.4.gz', gzip(''), 'tables.d/bad.4.gz: this list is empty: did the download fail?'],
  ['bad.4', "192.0.2.4x,foo\n192.0.2.5,foo\n", 'tables.d/bad.4:1: the address is malformed: 192.0.2.4x'],
  ['bad.4', "192.0.2.4 extra,foo\n192.0.2.5,foo\n", 'tables.d/bad.4:1: the address is malformed: 192.0.2.4 extra'],
  ['bad.4', "192.0.2.4;192.0.2.9\n192.0.2.2 # x\n",
    'tables.d/bad.4:2: the address is malformed: 192.0.2.2 # x'],
  ['bad.4', ":2:x\n2001:db8:1\n2a00\n", 'tables.d/bad.4:3: one group alone is not a prefix: write it with /16: 2a00'],
  ['bad.4', "\x1f\x8bnothing", 'tables.d/bad.4: the gzip data is damaged'],
  ['bad.4', undef, 'tables.d/bad.4: not a regular file'],
  ['bad.4', "192.0.2.0/24\tREJECT\n192.0.2.25\tOK\n", 'tables.d/bad.4:2: the value says that this entry is '
    . 'allowed; choose the values that count with `value` in tables.d/bad.conf: OK'],
  ['bad.4', "0.0.0.0/0\n", 'tables.d/bad.4:1: wider than a /8, or for IPv6 than a /19; to allow it write `wide` and '
    . 'the entry into tables.d/bad.conf: 0.0.0.0/0'],
) {
  my ($file, $text, $want) = @$row;
  defined $text ? spew("$listed/tables.d/$file", $text) : mkdir "$listed/tables.d/$file";
  ($code, $out, $err) = run($program, $listed);
  is $code, 1, "$want: exit 1";
  like $err, qr{^TOP/r\d+/\Q$want\E$}m, "$want: said";
  like $err, qr{^TOP/r\d+/tables\.d/\Q$file\E: warning: this list was not read and is left out: there is no earlier version$}m,
    "$want: left out";
  like $err, qr{^sinbin-rules: warning: 1 list could not be read; everything else is in TOP/r\d+/rules\.cdb$}m, "$want: at the end";
  unlike slurp_list("$listed/rules.cdb"), qr{^tables\.d/bad }m, "$want: no table";
  is((run($program, '-q', 'tables.d/drop', '192.0.2.255', "$listed/rules.cdb"))[0], 0, "$want: the other lists are there");
  defined $text ? unlink "$listed/tables.d/$file" : rmdir "$listed/tables.d/$file";
}

my @kept = (
  ['a list', 'tables.d/drop.4', 'tables.d/drop', "192.0.2.0/24\n!192.0.2.9\n198.51.100.1\n", "192.0.2.300\n",
   '192.0.2.8', '192.0.2.9', "tables.d/drop.4:1 4\n"],
  ['a list of names', 'tables.d/names.4', 'tables.d/names', ".bad.example\n!good.bad.example\n", "a b\n",
   'x.bad.example', 'good.bad.example', "tables.d/names.4:1 4\n"],
  ['IPv6', 'tables.d/six.4', 'tables.d/six', "2001:db8::/32\n2a00:1::1\n!2001:db8:1::/48\n", "::x\n",
   '2001:db8:2::1', '2001:db8:1::1', "tables.d/six.4:1 4\n"],
  ['dynamic', 'dynamic', 'dynamic', "192.0.2.0/24\n!192.0.2.25\n", "192.0.2.0/24 OK\n", '192.0.2.1', '192.0.2.25', "dynamic:1\n"],
  ['blacklist', 'blacklist', 'blacklist', "198.51.100.0/24 2\n198.51.100.1 8 sure\n", "198.51.100.0/24 OK\n",
   '198.51.100.1', '192.0.2.1', "blacklist:2 8 sure\n"],
);
for my $row (@kept) {
  my ($what, $file, $table, $good, $bad, $in, $not, $found) = @$row;
  my $rules = list_dir('other.2' => "203.0.113.0/24\n");
  my $listing = sub { (slurp_list("$rules/rules.cdb") =~ m{^(\Q$table\E .*)$}m)[0] // 'none' };
  my $answers = sub {
    my $here = shift;
    is_deeply [run($program, '-q', $table, $in, "$rules/rules.cdb")], [0, $here // $found, ''], "$what: $in";
    is((run($program, '-q', $table, $not, "$rules/rules.cdb"))[0], 1, "$what: not $not");
  };
  spew("$rules/$file", $good);
  my $then = time - 9 * 86400 - 60;
  utime $then, $then, "$rules/$file";
  is((run($program, $rules))[0], 0, "$what is read");
  (my $counted = $listing->()) =~ s/ date=.*//;
  my ($version) = slurp_list("$rules/rules.cdb") =~ /\A(version .*)/;
  for my $round ('once', 'again, and again', 'and once more') {
    spew("$rules/$file", $bad);
    spew("$rules/tables.d/other.2", "203.0.113.0/25\n") if $round =~ /more/;
    ($code, $out, $err) = run($program, $rules);
    is $code, 1, "$what cannot be read $round: exit 1";
    like $err, qr{^TOP/r\d+/\Q$file\E: warning: this list was not read; its version of \S+Z, 9 days old, stays in force$}m,
      "$what: its age $round";
    like $listing->(), qr{^\Q$counted\E kept=\S+Z$}, "$what: listed as it was, $round";
    is((slurp_list("$rules/rules.cdb") =~ /\A(version .*)/)[0], $version, "$what: the same version") if $round =~ /again/;
    $answers->();
  }
  is((run($program, '-q', 'tables.d/other', '203.0.113.200', "$rules/rules.cdb"))[0], 1, "$what: the others are new");
  spew("$rules/helo", "x x\n");
  my $stood = identity("$rules/rules.cdb");
  is((run($program, $rules))[0], 100, "$what: a file of the operator's still refuses as a whole");
  is identity("$rules/rules.cdb"), $stood, "$what: and nothing is replaced";
  unlink "$rules/helo";
  if ($file =~ /drop/) {
    rename "$rules/$file", "$rules/tables.d/drop.8.sure" or die $!;
    is((run($program, $rules))[0], 1, 'another weight of a list that cannot be read');
    $answers->("tables.d/drop.8.sure:1 8 sure\n");
    $file = 'tables.d/drop.8.sure';
  }
  spew("$rules/$file", $good);
  is((run($program, $rules))[0], 0, "$what is good again");
  like $listing->(), qr/ date=/, "$what: and no longer kept";
  spew("$rules/$file", $bad);
  ($code, $out, $err) = run($program, '-o', "$rules/new.cdb", $rules);
  like $err, qr/is left out: there is no earlier version$/m, "$what: not in a database elsewhere";
  spew("$rules/rules.cdb", 'rubbish');
  ($code, $out, $err) = run($program, $rules);
  is $code, 1, "$what: nor taken from one that is damaged";
  like $err, qr/is left out: there is no earlier version$/m, "$what: said";
}

# --- what is told, but stops nothing
my $told = list_dir(
  'none.4' => "# none today\n",
  'heads.4' => "ip,country\n",
  'wide.4' => "\$MAXRANGE4 /24\n10.1\n10.2.3\n! 10.2/16\n",
);
($code, $out, $err) = run($program, $told);
is $code, 0, 'lists without an entry, and an entry too wide' or diag $err;
(my $warnings = $err) =~ s/^version .*//ms;
is $warnings, join('', map { "TOP/r$made/tables.d/$_\n" } 'heads.4: warning: there is no entry in this list',
  'none.4: warning: there is no entry in this list',
  'wide.4:2: warning: left out: wider than $MAXRANGE4 allows: 10.1',
  'wide.4:4: warning: left out: wider than $MAXRANGE4 allows: 10.2/16',
  'wide.4:3: warning: entries that hold special-purpose addresses: 1, addresses in neverlist: 0; the first: 10.2.3.0/24'),
  'warnings, with the place';
like $err, qr{^tables\.d/heads addresses 0 passed=1 $date$}m, 'a heading alone: 0 in the summary';
like $err, qr{^tables\.d/none addresses 0 $date$}m, 'a comment alone likewise';
like $err, qr{^tables\.d/wide addresses 1 passed=3 ipv4=256 $date$}m, 'what is left out is counted';
is_deeply [run($program, '-q', 'tables.d/none', '192.0.2.1', "$told/rules.cdb")], [1, '', ''], 'nothing is found in it';
is_deeply [run($program, '-q', 'tables.d/wide', '10.1.0.1', "$told/rules.cdb")], [1, '', ''], 'nor what is too wide';
is_deeply [run($program, '-q', 'tables.d/wide', '10.2.3.1', "$told/rules.cdb")], [0, "tables.d/wide.4:3 4\n", ''],
  'an exclusion that is too wide excludes nothing';
spew("$told/tables.d/wide.4", "\$MAXRANGE4 /24\n" . "10.1\n" x 30);
($code, $out, $err) = run($program, $told);
is scalar(() = $err =~ /^TOP.* warning: /mg), 20, 'of many warnings twenty are shown';
like $err, qr/^sinbin-rules: warning: 33 warnings, the first 20 shown$/m, 'and all are counted';
spew("$told/tables.d/wide.4", "\$MAXRANGE4 /24\n" . "10.1\n" x 17);
($code, $out, $err) = run($program, $told);
is scalar(() = $err =~ /^TOP.* warning: /mg), 20, 'twenty are shown';
unlike $err, qr/the first 20/, 'and those are all';

# What the operator says about a list counts for its last good version, too.
my $allowed = list_dir('all.4' => "16.0.0.0/4\n", 'all.conf' => "wide all\n");
is((run($program, $allowed))[0], 0, 'a list that may be wide');
spew("$allowed/tables.d/all.4", "16.0.0.0/4\n<html>\n");
is((run($program, $allowed))[0], 1, 'a bad download of it');
is((run($program, '-q', 'tables.d/all', '17.0.0.1', "$allowed/rules.cdb"))[0], 0, 'its last good version stays');
unlink "$allowed/tables.d/all.conf" or die;
is((run($program, $allowed))[0], 1, 'once more, when it must not be wide any more');
is((run($program, '-q', 'tables.d/all', '17.0.0.1', "$allowed/rules.cdb"))[0], 100, 'it is left out');

# --- as lists are published
my $published_lists = list_dir(
  'mark.8' => "\xef\xbb\xbf192.0.2.4,x\n192.0.2.8,y\n",
  'single.8' => "\xef\xbb\xbf192.0.2.4,x\n",
  'pairs.2' => "1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n",
  'pairs.conf' => "range\n",
  'shield.2' => "# columns\nStart\tEnd\tNetblock\n192.0.2.0\t192.0.2.255\t24\n",
  'drop.8.sure' => "; DROP\n192.0.2.0/24;SBL1\n198.51.100.0 - 198.51.100.9 ; SBL2\n",
);
($code, $out, $err) = run($program, $published_lists);
is $code, 0, 'lists as they are published' or diag $err;
unlike $err, qr/warning(?!: entries that hold special-purpose)/, 'and nothing else to warn of';
like $err, qr{^tables\.d/\Q$_\E }m, "in the summary: $_" for 'mark addresses 2', 'single addresses 1', 'pairs addresses 2',
  'shield addresses 1 passed=1', 'drop addresses 2';
for my $row (
  ['mark', '192.0.2.4', 0, "tables.d/mark.8:1 8\n"],
  ['single', '192.0.2.4', 0, "tables.d/single.8:1 8\n"],
  ['pairs', '1.0.2.7', 0, "tables.d/pairs.2:2 2\n"],
  ['pairs', '1.0.4.0', 1, ''],
  ['shield', '192.0.2.99', 0, "tables.d/shield.2:3 2\n"],
  ['drop', '192.0.2.99', 0, "tables.d/drop.8.sure:2 8 sure\n"],
  ['drop', '198.51.100.5', 0, "tables.d/drop.8.sure:3 8 sure\n"],
) {
  my ($table, $key, $want_code, $want) = @$row;
  is_deeply [run($program, '-q', "tables.d/$table", $key, "$published_lists/rules.cdb")], [$want_code, $want, ''],
    "tables.d/$table $key";
}

is((run($program, list_dir(map { ("l$_.1" => "192.0.2.0/24\n") } 1 .. 32)))[0], 0, '32 lists');
($code, $out, $err) = run($program, list_dir(map { ("l$_.1" => "192.0.2.0/24\n") } 1 .. 33));
is $code, 100, 'and no more';
like $err, qr/there are more than 32 lists/, 'said so';

# --- what rbldnsd itself makes of a zone, address by address
SKIP: {
  my $rbldnsd = (grep { -x } map { "$_/rbldnsd" } '/usr/sbin', split /:/, $ENV{PATH})[0];
  skip 'no rbldnsd', 190 if !$rbldnsd;
  my $zone = join "\n", '$SOA 3600 ns.x. a.x. 0 1h 1h 1h 1h', ':127.0.0.2:x', '11.0.0.1-15', '12.16-18', '13/8',
    '14.1/17', '16-17', '!13.1.2.3', '! 13.1.3 :3:x', '18.1.2.3:127.0.0.3:x', '19.1.2.3;x', '20.1.2.3 text', '21.1.2',
    '22.1-22.2', "23.1.2.128/25 # x", '$MAXRANGE4 /16', '24/15', '25.1/16', '!22.0.0.0/15', '';
  spew("$top/zone", $zone);
  my %listed;
  for (`cd $top && $rbldnsd -d z.test:ip4set:zone 2>&1`) {
    $listed{ join '.', reverse split /\./, $1 } = $2 eq 'A' if /^(\S+)\t(A|CNAME)\t/;
  }
  my $zoned = list_dir('z.4' => $zone, 'z.conf' => "value *\nwide all\n");
  is((run($program, $zoned))[0], 0, 'the zone is read');
  for my $ip (map { my $net = $_; map { "$net.$_" } qw(0 3 15 16 127 128 255) } qw(11.0.0 13.1.2 13.1.3 14.1.127
    14.1.128 12.15.255 12.18.255 12.19.0 15.255.255 16.0.0 17.255.255 18.1.2 19.1.2 20.1.2 21.1.2 21.1.3 22.0.255
    22.2.255 22.3.0 23.1.2 24.1.5 25.1.5 9.9.9)) {
    my @octets = split /\./, $ip;
    my ($theirs) = map { $listed{$_} // () } $ip, map { my $n = $_; join '.', @octets[0 .. $n], '*' } 2, 1, 0;
    my ($ours) = run($program, '-q', 'tables.d/z', $ip, "$zoned/rules.cdb");
    is $ours, $theirs ? 0 : 1, "$ip is judged as rbldnsd does";
  }
}

# --- a list that is another one than yesterday
{
  my $rules = list_dir('x.4' => "8.0.0.1\n", 'y.4' => "bad.example\n", 'z.4' => "# none yet\n");
  is((run($program, $rules))[0], 0, 'a list of addresses and one of names');
  spew("$rules/tables.d/x.4", "bad.example\n");
  spew("$rules/tables.d/y.4", "8.0.0.1\n");
  spew("$rules/tables.d/z.4", "bad.example\n");
  ($code, $out, $err) = run($program, $rules);
  is $code, 0, 'each is the other';
  is_deeply [$err =~ m{^TOP/r\d+/(.* warning: .*)$}mg],
    ['tables.d/x.4: warning: this is a list of names, but in the previous database it is one of addresses',
     'tables.d/y.4: warning: this is a list of addresses, but in the previous database it is one of names'],
    'warned of, but not where there was none';
  ($code, $out, $err) = run($program, $rules);
  unlike $err, qr/warning/, 'only once';
  spew("$rules/tables.d/none.conf", "value 2\n");
  ($code, $out, $err) = run($program, $rules);
  is $code, 0, 'a NAME.conf without a list';
  like $err, qr{^TOP/r\d+/tables\.d/none\.conf: warning: there is no list of this name$}m, 'is a warning';
}

# --- a list that says several things, and the operator's choice
{
  my %zone = ('karma.4' => ":127.0.0.2:black\n8.0.0.0/24\n8.0.0.9 :127.0.0.1:white\n8.0.1.1 :127.0.0.4:brown\n");
  my $rules = list_dir(%zone, 'karma.conf' => "value 127.0.0.2 # black\n");
  is((run($program, $rules))[0], 0, 'a zone of several values, one chosen');
  is_deeply [run($program, '-q', 'tables.d/karma', '8.0.0.1', "$rules/rules.cdb")], [0, "tables.d/karma.4:2 4\n", ''],
    'what has it is listed';
  is((run($program, '-q', 'tables.d/karma', $_, "$rules/rules.cdb"))[0], 1, "$_ is not") for '8.0.0.9', '8.0.1.1';
  spew("$rules/tables.d/karma.conf", "value 127.0.0.2 127.0.0.4\n");
  is((run($program, $rules))[0], 0, 'two chosen');
  is((run($program, '-q', 'tables.d/karma', '8.0.1.1', "$rules/rules.cdb"))[0], 0, 'and listed');
  spew("$rules/tables.d/karma.conf", "value\n");
  is((run($program, $rules))[0], 100, 'a malformed choice is an error of the operator');
  my $wide = list_dir('bogons.4' => "224.0.0.0/3\n", 'bogons.conf' => "wide 224.0.0.0/3\n");
  ($code, $out, $err) = run($program, $wide);
  is $code, 0, 'a wide entry that is allowed';
  like $err, qr{^tables\.d/bogons addresses 1 ipv4=536870912 }m, 'and counted';
}

# --- neverlist and bigco, and what providers publish
{
  my $data = 'tests/data/providers';
  my @sources = sort glob "$data/sources/*";
  my $diff = <<'END';
--- tests/data/providers/rules/neverlist
+++ published
+ 64.233.160.0/19 _spf.example.com spf
- 66.102.0.0/20 neverlist:4
+ 66.102.0.0/21 _spf.example.com spf
- 74.125.0.0/16 neverlist:5
+ 198.18.4.0/22 provider.example spf
+ 198.51.100.0/25 newcomer.example spf
+ 203.0.113.7 _spf.example.com spf
+ 2001:db8:8000::/36 ranges.json json
--- tests/data/providers/rules/bigco
+++ published
+ provider.example hosts.provider.example provider.example spf
+ newcomer.example newcomer.example spf
- example.net bigco:2
END
  is_deeply [run($program, '--providers', "$data/rules", @sources)],
    [1, $diff, "_spf.provider.example:1: warning: skipped, because only the DNS knows its addresses: mx\n"],
    'differences: exit 1';
  is_deeply [run($program, '-P', "$data/rules", @sources)], [run($program, '--providers', "$data/rules", @sources)],
    '-P is the same';
  my $same = rules_dir(neverlist => "10.0.0.0/8\n8.0.0.0/24\n", bigco => "a.example a.example\n");
  spew("$top/a.example", "\"v=spf1 ip4:8.0.0.0/24 -all\"\n");
  is_deeply [run($program, '--providers', $same, "$top/a.example")], [0, '', ''], 'no difference: exit 0';
  ok !-e "$same/rules.cdb", 'nothing is written';
  spew("$top/rubbish", "rubbish\n");
  is_deeply [run($program, '--providers', $same, "$top/rubbish")],
    [100, '', "rubbish:0: this is neither an SPF record nor JSON\nsinbin-rules: fatal: nothing was compared\n" =~ s/:0//r],
    'a source that is none: exit 100';
  is((run($program, '--providers', $same, "$top/nowhere"))[0], 111, 'no such file: exit 111');
  is((run($program, '--providers', $same))[0], 100, 'no file at all: exit 100');
  (my $shown = $diff) =~ s{tests/data/providers/}{}g;
  like slurp('src/prog/sinbin-rules.1'), qr/^\Q$shown\E/m, 'the manual shows this run';
}

# --- usage and databases that are none
spew("$top/empty", '');
spew("$top/text", "rubbish\n" x 1000);
my $usage = "sinbin-rules: usage: sinbin-rules [-o rules.cdb] DIR | -l rules.cdb | -q TABLE KEY rules.cdb"
  . " | --providers DIR FILE...\n";
for my $row (
  [[], 100, $usage],
  [['-x'], 100, $usage],
  [[$dir, $dir], 100, $usage],
  [['-l'], 100, $usage],
  [['-l', '-q', 'a', 'b', 'c'], 100, $usage],
  [['-q', 'dynamic', 'key'], 100, $usage],
  [['-o', 'x', '-l', "$top/shipped.cdb"], 100, $usage],
  [['--providers'], 100, $usage],
  [['--provider-lists', $dir, $dir], 100, $usage],
  [['--providers', '-l', $dir, $dir], 100, $usage],
  [['-o', '', $dir], 100, $usage],
  [["$top/nowhere"], 111, undef],
  [['-o', "$top/nowhere/rules.cdb", $dir], 111, undef],
  [['-l', "$top/nowhere"], 111, undef],
  [['-l', "$top/empty"], 100, "sinbin-rules: fatal: TOP/empty is not a rule database of this version\n"],
  [['-l', "$top/text"], 100, "sinbin-rules: fatal: TOP/text is not a rule database of this version\n"],
  [['-l', $top], 100, undef],
  [['-q', 'nothing', 'key', "$top/shipped.cdb"], 100,
   "sinbin-rules: fatal: TOP/shipped.cdb has no table nothing\n"],
  [['-q', 'highmx', 'mx.example', "$top/shipped.cdb"], 100,
   "sinbin-rules: fatal: not an address: mx.example\n"],
) {
  my ($options, $want_code, $want) = @$row;
  my ($got, $said, $complaint) = run($program, @$options);
  (my $name = "@$options") =~ s/\Q$top\E/TOP/g;
  is $got, $want_code, "exit $want_code: $name" or diag $complaint;
  is $complaint, $want, "what is said: $name" if defined $want;
  is $said, '', "nothing on stdout: $name";
}

# --- the Makefile, in a copy elsewhere
SKIP: {
  skip 'no make', 20 if system('command -v make >/dev/null 2>&1');
  my $copy = "$top/copy";
  mkdir $copy or die $!;
  mkdir "$copy/tables.d" or die $!;
  for (grep { -f && !/\.cdb$/ } glob "$shipped/* $shipped/tables.d/*") { copy $_, $copy . substr $_, length $shipped or die $! }
  delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
  my @make = ('make', '-C', $copy, "SINBIN_RULES=$program");
  is((run(@make))[0], 0, 'make builds a copy of the rules');
  is slurp("$copy/rules.cdb"), slurp("$top/shipped.cdb"), 'the same bytes as elsewhere';
  is((run(@make, '-q'))[0], 0, 'there is nothing more to do');
  spew("$top/slow", "#!/bin/sh\n$program \"\$@\" || exit\nsleep 0.1\n: > later.tmp\n");
  chmod 0755, "$top/slow";
  is((run('make', '-B', '-C', $copy, "SINBIN_RULES=$top/slow"))[0], 0, 'a change of the directory behind the database');
  is((run(@make, '-q'))[0], 0, 'that is its own is none');
  my $past = time - 10;
  my $age = sub { utime $past, $past, glob("$copy/* $copy/tables.d/*"), $copy };
  $age->();
  is((run(@make, '-q'))[0], 0, 'nor when all is equally old');
  spew("$copy/helo", "other-bot\n");
  is((run(@make, '-q'))[0], 1, 'a changed text is seen');
  run(@make);
  is((run($program, '-q', 'helo', 'other-bot', "$copy/rules.cdb"))[0], 0, 'and taken up');
  for my $row (['a list', "$copy/tables.d/drop.8"], ['a file', "$copy/canaries"]) {
    my ($what, $path) = @$row;
    spew($path, "192.0.2.0/24\n");
    $age->();
    utime time, time, $path;
    is((run(@make, '-q'))[0], 1, "$what that is new is seen");
    run(@make);
    is((run(@make, '-q'))[0], 0, 'and taken up');
    $age->();
    unlink $path or die;
    is((run(@make, '-q'))[0], 1, "$what that was removed is seen");
    run(@make);
    unlike slurp_list("$copy/rules.cdb"), qr/^(?:tables.d|canaries)/m, 'and is gone';
    is((run(@make, '-q'))[0], 0, 'that is all');
  }
  spew("$copy/tables.d/drop.8", "8.0.0.0/24\n");
  utime time + 5, time + 5, "$copy/tables.d/drop.8";
  run(@make);
  spew("$copy/tables.d/drop.8", "8.0.0.0/24 OK\n");
  utime time + 10, time + 10, "$copy/tables.d/drop.8";
  spew("$copy/helo", "newer-bot\n");
  my ($make_code, undef, $make_said) = run(@make);
  is $make_code, 0, 'a list that cannot be read does not stop make';
  like $make_said, qr{^\./tables\.d/drop\.8: warning: this list was not read; its version of \S+, 0 minutes old, stays in force$}m,
    'the warning is shown';
  is((run($program, '-q', 'helo', 'newer-bot', "$copy/rules.cdb"))[0], 0, 'all else is taken up');
  is((run($program, '-q', 'tables.d/drop', '8.0.0.1', "$copy/rules.cdb"))[0], 0, 'with its last good version');
  $age->();
  is((run(@make, '-q'))[0], 0, 'and there is nothing more to do');
  spew("$copy/tables.d/drop.conf", "value *\n");
  is((run(@make, '-q'))[0], 1, 'but when something is said of the list');
  unlink "$copy/tables.d/drop.conf", "$copy/tables.d/drop.8" or die;
  spew("$copy/dynamic.conf", "value *\n");
  run(@make);
  $age->();
  is((run(@make, '-q'))[0], 0, 'a NAME.conf is taken up');
  utime time, time, "$copy/dynamic.conf";
  is((run(@make, '-q'))[0], 1, 'and seen when it was changed');
  unlink "$copy/dynamic.conf" or die;
  run(@make);
  spew("$copy/helo", "other-bot\n");
  utime time + 15, time + 15, "$copy/helo";
  run(@make);
  for my $name ('foo bar.3', 'a:b.3', '$(x).3', "a\nb.3") {
    my $path = "$copy/tables.d/$name";
    spew($path, "192.0.2.0/24\n");
    my ($got, undef, $said) = run(@make);
    (my $printed = $name) =~ tr/\n/?/;
    is $got, 2, "a list named $printed stops make";
    like $said, qr{^\./tables\.d/\Q$printed\E: NAME is not 1 to 32 of a-z, 0-9 and hyphens$}m, 'and the name is told';
    unlink $path or die;
    is((run(@make))[0], 0, 'without it all is well');
  }
  $age->();
  spew("$top/elsewhere", "192.0.2.0/24\n");
  utime $past, $past, "$top/elsewhere";
  unlink "$copy/dynamic";
  symlink "$top/elsewhere", "$copy/dynamic" or die;
  run(@make);
  $age->();
  is((run(@make, '-q'))[0], 0, 'a link that leads elsewhere is taken up');
  spew("$top/elsewhere", "198.51.100.0/24\n");
  is((run(@make, '-q'))[0], 1, 'a change of what it leads to is seen');
  run(@make);
  is((run($program, '-q', 'dynamic', '198.51.100.1', "$copy/rules.cdb"))[0], 0, 'and taken up');
  spew("$copy/tables.d/drop.8", "192.0.2.0/24\n");
  run(@make);
  $age->();
  spew("$copy/tables.d/drop.8", "198.51.100.0/24\n");
  utime $past, $past, "$copy/tables.d";
  is((run(@make, '-q'))[0], 1, 'a list that is written anew in its place is seen');
  run(@make);
  is((run($program, '-q', 'tables.d/drop', '198.51.100.1', "$copy/rules.cdb"))[0], 0, 'and taken up');
  $age->();
  spew("$copy/$_", "x\n") for 'README', '.hidden', 'helo~', 'notes.txt', 'tables.d/x.tmp', 'tables.d/.x.4';
  utime $past, $past, $copy, "$copy/tables.d";
  is((run(@make, '-q'))[0], 0, 'what is passed over starts nothing');
  spew("$copy/helo", "x x\n");
  utime time + 5, time + 5, "$copy/helo";
  isnt((run(@make))[0], 0, 'a broken one stops make');
  is((run($program, '-q', 'helo', 'other-bot', "$copy/rules.cdb"))[0], 0, 'the old database stays');
}

done_testing;
