#!/usr/bin/perl
# sinbin-publish with a store made by hand, the real rbldnsd and dig.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use IO::Handle;
use POSIX ();
use Publisher;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => $Publisher::absent if $Publisher::absent;
$SIG{$_} = sub { exit 1 } for qw(INT TERM ALRM);
alarm 120;

# ---- what is refused

my $out = "$top/out";
mkdir $out;
chmod 0755, $out;
my $store = "$top/store";

for my $case (
  ['no argument', {}, [], 100, qr/usage: sinbin-publish/],
  ['a directory is missing', {}, [$store], 100, qr/usage/],
  ['an option', {}, ['-x', $store, $out], 100, qr/usage/],
  ['POLL', { POLL => '0' }, [$store, $out], 100, qr/malformed POLL=0/],
  ['LINGER', { LINGER => 'x' }, [$store, $out], 100, qr/malformed LINGER=x/],
  ['REFRESH', { REFRESH => '0' }, [$store, $out], 100, qr/malformed REFRESH=0/],
  ['HOT', { HOT => '-1' }, [$store, $out], 100, qr/malformed HOT=-1/],
  ['ZONE_EXPIRE', { ZONE_EXPIRE => '2' }, [$store, $out], 100, qr/malformed ZONE_EXPIRE=2/],
  ['ZONE_EXPIRE, too long', { ZONE_EXPIRE => '604801' }, [$store, $out], 100, qr/malformed ZONE_EXPIRE=604801/],
  ['ZONE_TTL', { ZONE_TTL => '' }, [$store, $out], 100, qr/malformed ZONE_TTL=:/],
  ['ZONE_NS', { ZONE_NS => 'a..b' }, [$store, $out], 100, qr/malformed ZONE_NS=a\.\.b/],
  ['ZONE_NS, a line end', { ZONE_NS => "a.b\nx" }, [$store, $out], 100, qr/malformed ZONE_NS=a\.b\?x/],
  ['ZONE_SOA', { ZONE_SOA => 'one' }, [$store, $out], 100, qr/malformed ZONE_SOA=one/],
  ['LOOKUP_URL', { LOOKUP_URL => 'https://x/?$1' }, [$store, $out], 100, qr/malformed LOOKUP_URL/],
  ['NOTIFY_FD', { NOTIFY_FD => '2' }, [$store, $out], 100, qr/malformed NOTIFY_FD=2/],
  ['NOTIFY_FD that is closed', { NOTIFY_FD => '77' }, [$store, $out], 100, qr/NOTIFY_FD/],
  ['a zone', {}, ['-z', 'bl..example', 'x'], 100, qr/malformed zone bl\.\.example/],
  ['-1 without a store', {}, ['-1', $store, $out], 111, qr/cannot be opened/],
  ['no OUTDIR', {}, ['-1', $store, "$top/none"], 111, qr/unable to (write|look at) \S+none/],
  )
{
  my ($name, $env, $args, $code, $said) = @$case;
  my ($got, $text) = run($env, $publish, @$args);
  is($got, $code, "$name: exit $code");
  like($text, $said, "$name: named");
}

my ($code, $zones) = run({}, $publish, '-z', 'bl.example', 'all.example');
is($code, 0, '-z');
my @zones = split ' ', $zones;
is(scalar(grep { /^bl\.example:/ } @zones), 12, 'bl. has twelve datasets');
is(scalar(grep { /^all\.example:/ } @zones), 25, 'all. has twenty-five');
my %named = map { /:(\w+):(\S+)/ ? ($2 => $1) : () } @zones;
is_deeply([sort keys %named], [sort(dir($out))], '-z names the files that are made');

for my $with ({ id => 7 }, { version => 99 }) {
  my ($what) = %$with;
  make_store("$top/other-$what", %$with);
  my ($got, $text) = run({}, $publish, '-1', "$top/other-$what", $out);
  is($got, 100, "a store with another $what: exit 100");
  like($text, qr/not a store of this version/, "a store with another $what: said");
}
spew("$top/garbage", 'no database ' x 1000);
my ($got, $text) = run({}, $publish, '-1', "$top/garbage", $out);
is($got, 111, 'a damaged store: exit 111');
like($text, qr/is damaged/, 'a damaged store: said');

# ---- rbldnsd on the files that are there before any store is

my $dns = serve($out, 0, 'bl.example', 'all.example');
is(ask('127.0.0.2', 'bl.example'), '127.0.0.2', 'rbldnsd serves the empty zones');

my %settings = (LINGER => 0, LOOKUP_URL => 'https://lookup.example/?ip=$', ZONE_NS => 'ns1.example ns2.example',
  ZONE_SOA => 'ns1.example postmaster.example', HOT => 8);
my @prog = ('/bin/sh', '-c', "kill -HUP $dns");
my $daemon = start(\%settings, $publish, $store, $out, @prog);
sleep 0.3;
ok(kill(0, $daemon), 'waits for a store that does not exist');
spew($store, '');
sleep 0.2;
ok(kill(0, $daemon), 'waits for a store that is empty');
make_store($store);
my $now = int time;
sql($store, "BEGIN;\n" . join('',
  row('192.0.2.1', 'black', sins => 'high-mx,early-talk', detectors => 3),
  row('192.0.2.2', 'yellow', quits => 3, noquits => 2),
  row('192.0.2.3', 'brown', noquits => 0),
  row('192.0.2.4', 'none', quits => 9),
  row('192.0.2.5', 'black', until => $now + 2),
  row('192.0.2.6', 'black', until => $now - 1),
  row('198.51.100.1', 'yellow', quits => 1, noquits => 0),
  row('198.51.100.2', 'black', sins => "a:b\n127.0.0.1 ;\$1 #x,good-one,UP"),
  row('127.0.0.1', 'black'),
  row('2001:db8:1:2::', 'black', sins => 'odd-space', detectors => 12),
  row('2001:db8:1:3::', 'yellow', quits => 1),
  row('2001:db8:1:4::', 'brown', noquits => 0, quits => 1),
  row('2001:db8:1:5::', 'none'),
  row('::', 'black')) . "COMMIT;\n");

now_is('192.0.2.1', 'bl.example', '127.0.0.2', 'a store that came is published', 3);
my @answers = (
  ['192.0.2.1', '127.0.0.2', '127.0.0.2 127.0.1.2', 'black'],
  ['192.0.2.2', 'NXDOMAIN', '127.0.0.3 127.0.1.3', 'yellow, mixed'],
  ['192.0.2.3', 'NXDOMAIN', '127.0.0.4', 'brown'],
  ['192.0.2.4', 'NXDOMAIN', 'NXDOMAIN', 'none'],
  ['192.0.2.6', 'NXDOMAIN', 'NXDOMAIN', 'ended'],
  ['192.0.2.9', 'NXDOMAIN', 'NXDOMAIN', 'unknown'],
  ['198.51.100.1', 'NXDOMAIN', '127.0.0.3 127.0.1.1', 'yellow, quits'],
  ['127.0.0.2', '127.0.0.2', '127.0.0.2', 'test entry'],
  ['127.0.0.1', 'NXDOMAIN', 'NXDOMAIN', 'test entry that is not there'],
  ['2001:db8:1:2::77', '127.0.0.2', '127.0.0.2 127.0.1.2', 'black, IPv6'],
  ['2001:db8:1:3:1:2:3:4', 'NXDOMAIN', '127.0.0.3 127.0.1.3', 'yellow, IPv6'],
  ['2001:db8:1:4::', 'NXDOMAIN', '127.0.0.4 127.0.1.1', 'brown, IPv6'],
  ['2001:db8:1:5::', 'NXDOMAIN', 'NXDOMAIN', 'none, IPv6'],
  ['2001:db8:1:6::', 'NXDOMAIN', 'NXDOMAIN', 'unknown, IPv6'],
  ['::ffff:7f00:2', '127.0.0.2', '127.0.0.2', 'test entry, IPv6'],
  ['::ffff:7f00:1', 'NXDOMAIN', 'NXDOMAIN', 'test entry that is not there, IPv6'],
  ['::1', 'NXDOMAIN', 'NXDOMAIN', 'loopback'],
);
my @bl = ask_many(map { [$_->[0], 'bl.example'] } @answers);
my @all = ask_many(map { [$_->[0], 'all.example'] } @answers);
for my $i (0 .. $#answers) {
  my (undef, $bl, $all, $name) = @{ $answers[$i] };
  is($bl[$i], $bl, "$name: bl.");
  is($all[$i], $all, "$name: all.");
}
is(ask('192.0.2.1', 'bl.example', 'TXT'),
  '"spambot: high-mx,early-talk; last seen 2026-11-23 23:30 UTC; detectors 2-4; https://lookup.example/?ip=192.0.2.1"',
  'TXT');
is(ask('2001:db8:1:2::77', 'all.example', 'TXT'),
  '"spambot: odd-space; last seen 2026-11-23 23:30 UTC; detectors 10+; https://lookup.example/?ip=2001:db8:1:2::77"',
  'TXT, IPv6');
is(ask('198.51.100.2', 'bl.example', 'TXT'),
  '"spambot: ab1270011x,good-one; last seen 2026-11-23 23:30 UTC; detectors 1; https://lookup.example/?ip=198.51.100.2"',
  'TXT of a row with hostile sins');
is(ask('', 'bl.example', 'NS'), 'ns1.example. ns2.example.', 'NS');
like(ask('', 'all.example', 'SOA'), qr/^ns1\.example\. postmaster\.example\. \d+ 600 300 86400 60$/, 'SOA');

# ---- changes

now_is('192.0.2.5', 'bl.example', 'NXDOMAIN', 'a listing ends by time alone', 5);
ok(time >= $now + 2, 'and not before');

sub in_time {
  my ($sql, $ip, $zone, $want, $name) = @_;
  sql($store, $sql);
  my $start = time;
  now_is($ip, $zone, $want, $name, 3);
  my $took = time - $start;
  cmp_ok($took, '<', 1, sprintf "$name: within a second (%.2f s)", $took);
}

in_time(row('203.0.113.1', 'black'), '203.0.113.1', 'bl.example', '127.0.0.2', 'a new listing');
in_time(row('203.0.113.2', 'black'), '203.0.113.2', 'bl.example', '127.0.0.2', 'a second one soon after it');
in_time(row('203.0.113.2', 'brown'), '203.0.113.2', 'bl.example', 'NXDOMAIN', 'a hot one changes its colour');
is(ask('203.0.113.2', 'all.example'), '127.0.0.4 127.0.1.2', 'and has one colour');
in_time(row('192.0.2.1', 'yellow'), '192.0.2.1', 'bl.example', 'NXDOMAIN', 'one of the base changes its colour');
is(ask('192.0.2.1', 'all.example'), '127.0.0.3 127.0.1.2', 'and has one colour');
in_time(row('192.0.2.1', 'none'), '192.0.2.1', 'all.example', 'NXDOMAIN', 'one of the base is removed');
in_time(row('2001:db8:9::', 'black'), '2001:db8:9::1', 'bl.example', '127.0.0.2', 'a new listing, IPv6');

# two changes of the same size in one second, repeatedly
my $seen = 0;
for my $i (10 .. 14) {
  sql($store, row('203.0.113.10', 'none') . row("203.0.113.$i", 'black') . row('203.0.113.' . ($i - 1), 'none'));
  $seen++ if wait_for(2, sub { ask("203.0.113.$i", 'bl.example') eq '127.0.0.2' })
    && ask('203.0.113.' . ($i - 1), 'bl.example') eq 'NXDOMAIN';
}
is($seen, 5, 'changes of one size within one second are all seen');

# more than hot holds: nothing is lost, nothing answers twice
sql($store, "BEGIN;\n" . join('', map { row("203.0.113.$_", 'black', sins => "s$_") } 100 .. 160) . "COMMIT;\n");
now_is('203.0.113.160', 'bl.example', '127.0.0.2', 'many new listings', 2);
sql($store, join '', map { row("203.0.113.$_", 'black', sins => "t$_", last => 1795480000) } 100, 130, 160);
sql($store, row('203.0.113.200', 'black'));
now_is('203.0.113.200', 'bl.example', '127.0.0.2', 'one more', 2);
my @many = map { "203.0.113.$_" } 100 .. 160;
is(scalar(grep { $_ eq '127.0.0.2' } ask_many(map { [$_, 'bl.example'] } @many)), 61, 'all of them are listed');
is(scalar(grep { /^"[^"]*"$/ } ask_many(map { [$_, 'bl.example', 'TXT'] } @many)), 61, 'each of them has one TXT');

# a command that does not end: checked at the end, since it is killed after ten seconds
make_store("$top/slow");
mkdir "$top/slow.out";
my $slow = start({}, $publish, "$top/slow", "$top/slow.out", '/bin/sh', '-c', "echo \$\$ >>$top/slow.pids; exec sleep 60");

# the command runs after a change only, and at most four times a second
is(stop($daemon), 0, 'SIGTERM: exit 0');
sub runs { return -s "$top/runs" || 0 }
$daemon = start({ %settings, POLL => 0.01 }, $publish, $store, $out, '/bin/sh', '-c',
  "grep SigIgn /proc/self/status >$top/ignored; echo >>$top/runs");
ok(wait_for(5, \&runs), 'the command is run after the first publication');
my ($ignored) = slurp("$top/ignored") =~ /^SigIgn:\s*([0-9a-f]+)/;
is(hex($ignored) & (1 << POSIX::SIGPIPE() - 1 | 1 << 25 - 1), 0, 'the command ignores neither SIGPIPE nor SIGXFSZ');
sleep 0.5;
my $runs = runs();
sleep 0.7;
is(runs(), $runs, 'without a change the command is not run');
my $began = time;
for (my $i = 0; time < $began + 2; $i++) { sql($store, row('203.0.113.211', $i % 2 ? 'black' : 'yellow')) }
my $ran = runs() - $runs;
cmp_ok($ran, '>=', 2, 'after changes the command is run');
cmp_ok($ran, '<=', 4 * (time - $began) + 1, 'at most four times a second');

# a command that fails is run again, and does not stop publishing
is(stop($daemon), 0, 'SIGTERM: exit 0');
unlink "$top/runs";
$daemon = start({ %settings, POLL => 0.05 }, $publish, $store, $out, '/bin/sh', '-c', "echo >>$top/runs; exit 3");
ok(wait_for(5, \&runs), 'a command fails');
sleep 0.5;
$runs = runs();
sleep 0.7;
is(runs(), $runs, 'without a change it is not run again soon');
sql($store, row('203.0.113.210', 'black'));
ok(wait_for(3, sub { grep { /203\.0\.113\.210/ } slurp("$out/black4.7") . slurp("$out/black4.hot") }),
  'a failing command: still written');
ok(wait_for(3, sub { slurp($errors) =~ m{/bin/sh: failed, will be tried again} }), 'and warned of');
is(stop($daemon), 0, 'SIGTERM: exit 0');

# a store that is locked for a moment is waited for, without a warning
{
  my $locked = "$top/locked";
  make_store($locked);
  sql($locked, "PRAGMA journal_mode = DELETE;\n" . row('192.0.2.1', 'black'));
  open my $lock, '|-', "sqlite3 '$locked' >'$top/held' 2>>$errors" or die "sqlite3: $!";
  print $lock "BEGIN EXCLUSIVE; SELECT 'held';\n";
  $lock->flush;
  ok(wait_for(10, sub { -s "$top/held" }), 'a store is locked');
  my $release = fork // die "fork: $!";
  if (!$release) { sleep 0.4; print $lock "COMMIT;\n"; $lock->flush; POSIX::_exit(0) }
  my ($code, $said) = run({}, $publish, '-1', $locked, $out);
  waitpid $release, 0;
  close $lock;
  is("$code $said", '0 ', 'for less than a second: published, no warning');
}

# ---- readiness, a store that is removed

my ($ready, $tell);
{
  local $^F = 255;    # kept across exec
  pipe $ready, $tell or die;
}
$daemon = start({ %settings, NOTIFY_FD => fileno $tell }, $publish, $store, $out, @prog);
close $tell;
is(scalar <$ready>, "\n", 'reports that it is ready');
is(stop($daemon), 0, 'SIGTERM: exit 0');

my %kept = map { $_ => slurp("$out/$_") } keys %named;
sql($store, 'PRAGMA wal_checkpoint(TRUNCATE);');
rename $store, "$store.away" or die;
unlink "$store-wal", "$store-shm";
$daemon = start(\%settings, $publish, $store, $out, @prog);
sleep 0.5;
ok(kill(0, $daemon), 'the store was removed: waits');
is_deeply({ map { $_ => slurp("$out/$_") } keys %named }, \%kept, 'and leaves the last good files');
is(ask('203.0.113.130', 'bl.example'), '127.0.0.2', 'which are still served');
is(stop($daemon), 0, 'SIGTERM while waiting: exit 0');
rename "$store.away", $store or die;

# ---- kill -9 at any moment

my ($failed, $rounds) = (0, 15);
for my $i (1 .. $rounds) {
  $daemon = start({ %settings, POLL => 0.01, HOT => 4 }, $publish, $store, $out, @prog);
  sql($store, "BEGIN;\n" . join('', map { row("198.51.100.$_", 'black') } map { int rand 250 } 1 .. 20) . "COMMIT;\n");
  sleep rand 0.06;
  stop($daemon, 'KILL');
  kill 'HUP', $dns;
  my ($test, $listed) = ask_many(['127.0.0.2', 'bl.example'], ['203.0.113.130', 'all.example']);
  $failed++ if $test ne '127.0.0.2' || $listed ne '127.0.0.2 127.0.1.2';
  for my $file (keys %named) {
    my $text = slurp("$out/$file");
    my $head = $file eq 'expiry' ? qr/\A\$TIMESTAMP 0 [\d:]{19}\n/ : qr/\A\$TTL 60\n\$SOA .*\n\$NS .*\n/;
    $failed++ if $text !~ $head || $text !~ /\n\z/;
  }
}
is($failed, 0, "kill -9, $rounds times: every file is whole, the zones are served");
is((run(\%settings, $publish, '-1', $store, $out, @prog))[0], 0, '-1 after it');
is_deeply([grep { /tmp/ } dir($out)], [], 'no temporary file is left over');
unlike(slurp($errors), qr/rbldnsd: .*(invalid|unable|error)/, 'rbldnsd had nothing to complain of');
stop($dns);

# ---- the command that does not end

sub slow_pids { return split ' ', slurp("$top/slow.pids") }
ok(wait_for(20, sub { slow_pids() >= 2 }), 'a command that does not end is run again');
my @slow = slow_pids();
ok(!kill(0, $slow[0]), 'after it was killed');
like(slurp($errors), qr{/bin/sh: did not end within 10 seconds, killed\n}, 'with a warning');
my $stopped = time;
is(stop($slow), 0, 'SIGTERM while the command runs: exit 0');
cmp_ok(time - $stopped, '<', 3, 'at once');
kill 'KILL', $slow[-1];
done_testing;
