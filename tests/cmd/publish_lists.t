#!/usr/bin/perl
# The outlets of sinbin-publish other than rbldnsd: what they write, and that none of them can block another.
use strict;
use warnings;
use lib 'tests/cmd';
use Cwd 'getcwd';
use Files qw(slurp spew);
use JSON::PP ();
use POSIX ();
use Publisher;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => $Publisher::absent if $Publisher::absent;
enter_own_mounts();
$SIG{$_} = sub { exit 1 } for qw(INT TERM ALRM);
alarm 200;

my $now = int time;
my $hostile = qq(a\n203.0.113.66\n# "\$(x)'};<\\,b:c,);
my @rows = (
  row('192.0.2.1', 'black', sins => 'high-mx,no-quit', detectors => 3),
  row('192.0.2.2', 'black', sins => ''),
  row('192.0.2.3', 'black', sins => $hostile),
  row('192.0.2.4', 'yellow'),
  row('192.0.2.5', 'brown'),
  row('192.0.2.6', 'none'),
  row('192.0.2.7', 'black', until => $now - 1),
  row('192.0.2.8', 'black', until => $now + 30 * 86400),
  row('127.0.0.1', 'black'),
  row('255.0.0.1', 'black'),
  row('2001:db8::', 'black', detectors => 12),
  row('2001:db8:0:1::', 'black'),
  row('2001:db8:0:3::', 'black'),
  row('2001:db8:0:4::', 'yellow'),
  row('::', 'black'),
);

my $dirs = 0;

# A store with the rows, and a directory beside it.
sub begin {
  my @with = @_;
  my $dir = "$top/" . ++$dirs;
  mkdir $dir or die "$dir: $!";
  chmod 0755, $dir;
  make_store("$dir.db");
  sql("$dir.db", "BEGIN;\n" . join('', @with) . "COMMIT;\n") if @with;
  return ("$dir.db", $dir);
}

# A list without what differs from run to run; its count.
sub list {
  my ($file) = @_;
  my $text = slurp($file);
  $text =~ s/^# serial \d+\n# time \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n//m or return "no head: $text";
  return $text;
}

sub body { my ($file) = @_; return join ' ', grep { !/^#/ } split /\n/, -e $file ? slurp($file) : 'none' }

# ---- names

for my $names ('', 'dns', 'rbldnsd,text') {
  my ($code, $said) = run({ OUTLETS => $names }, $publish, '-1', begin());
  is $code, 100, "OUTLETS=$names: exit 100";
  like $said, qr/malformed OUTLETS=\Q$names\E: want one or more of: rbldnsd text csv json nft postfix sha256/, 'and the names are said';
}
is +(run({ LIST_INTERVAL => 0 }, $publish, '-1', begin()))[0], 100, 'LIST_INTERVAL=0: exit 100';

# ---- what is written

subtest 'text' => sub {
  my ($store, $out) = begin(@rows);
  is join(' ', run({ OUTLETS => 'text' }, $publish, '-1', $store, $out)), '0 ', 'written once';
  is join(' ', dir($out)), 'cidr4.txt cidr6.txt ip4.txt ip6.txt', 'its files and no others';
  is list("$out/ip4.txt"), <<'END', 'IPv4';
# sinbin: IPv4 addresses of spambots
# count          3
192.0.2.1
192.0.2.2
192.0.2.3
END
  is list("$out/ip6.txt"), <<'END', 'IPv6';
# sinbin: IPv6 networks of spambots
# count          3
2001:db8::/64
2001:db8:0:1::/64
2001:db8:0:3::/64
END
  is list("$out/cidr4.txt"), <<'END', 'IPv4, merged';
# sinbin: IPv4 addresses of spambots, merged
# count          2
192.0.2.1/32
192.0.2.2/31
END
  is list("$out/cidr6.txt"), <<'END', 'IPv6, merged';
# sinbin: IPv6 networks of spambots, merged
# count          2
2001:db8::/63
2001:db8:0:3::/64
END
  sql($store, 'DELETE FROM listing;');
  is +(run({ OUTLETS => 'text' }, $publish, '-1', $store, $out))[0], 0, 'an empty store';
  is body("$out/$_"), '', "$_: empty" for dir($out);
  like list("$out/ip4.txt"), qr/^# count          0$/m, 'and its count';
};

# Seconds until the end of the rows, as csv has them: rounded down to ten minutes, counted from the reading.
subtest 'csv' => sub {
  my ($store, $out) = begin(@rows);
  is join(' ', run({ OUTLETS => 'csv' }, $publish, '-1', $store, $out)), '0 ', 'written once';
  is join(' ', dir($out)), 'decisions.csv', 'its file and no other';
  my $text = slurp("$out/decisions.csv");
  my $until = ($now + 3600) - ($now + 3600) % 600;
  my %duration = map { $_ => 1 } $text =~ /^(\d+)s/mg;
  is scalar(keys %duration), 1, 'one reading';
  my ($duration) = keys %duration;
  cmp_ok abs($until - time - $duration), '<', 20, 'until the end, rounded down';
  is $text =~ s/^\d+s/Ns/mgr, <<'END', 'the lines';
duration,scope,value,reason,type
Ns,ip,192.0.2.1,"sinbin: high-mx,no-quit",ban
Ns,ip,192.0.2.2,sinbin,ban
Ns,ip,192.0.2.3,"sinbin: a203011366x,bc",ban
Ns,range,2001:db8::/64,"sinbin: high-mx,no-quit",ban
Ns,range,2001:db8:0:1::/64,"sinbin: high-mx,no-quit",ban
Ns,range,2001:db8:0:3::/64,"sinbin: high-mx,no-quit",ban
END
};

subtest 'json' => sub {
  my ($store, $out) = begin(@rows);
  is join(' ', run({ OUTLETS => 'json' }, $publish, '-1', $store, $out)), '0 ', 'written once';
  is join(' ', dir($out)), 'listings.jsonl', 'its file and no other';
  my ($head, @line) = map { JSON::PP->new->decode($_) } split /\n/, slurp("$out/listings.jsonl");
  like $head->{serial}, qr/^\d+$/, 'serial';
  like $head->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'time';
  is "$head->{list} $head->{count}", 'sinbin 6', 'name and count';
  my $until = POSIX::strftime('%Y-%m-%dT%H:%M:00Z', gmtime(($now + 3600) - ($now + 3600) % 600));
  my %common = (until => $until, last => '2026-11-23T23:30:00Z', detectors => '1', sins => [qw(high-mx no-quit)]);
  is_deeply \@line, [
    { %common, address => '192.0.2.1', detectors => '2-4' },
    { %common, address => '192.0.2.2', sins => [] },
    { %common, address => '192.0.2.3', sins => [qw(a203011366x bc)] },
    { %common, address => '2001:db8::/64', detectors => '10+' },
    { %common, address => '2001:db8:0:1::/64' },
    { %common, address => '2001:db8:0:3::/64' },
  ], 'the listings';
};

subtest 'rbldnsd beside others' => sub {
  my ($store, $out) = begin(@rows);
  my (undef, $alone) = begin();
  is +(run({}, $publish, '-1', $store, $alone))[0], 0, 'alone';
  is +(run({ OUTLETS => 'text rbldnsd' }, $publish, '-1', $store, $out))[0], 0, 'with text';
  my @same = grep { $_ ne 'expiry' } dir($alone);
  # without what is added to a file that replaces one of the same second
  my ($got, $want) = map { my $dir = $_; +{ map { $_ => slurp("$dir/$_") =~ s/\n#*\n*\z/\n/r } @same } } $out, $alone;
  is_deeply $got, $want, 'the datasets are the same';
  is body("$out/ip4.txt"), '192.0.2.1 192.0.2.2 192.0.2.3', 'and the list is there';
  mkdir "$out/ip6.txt.tmp";
  my ($code, $said) = run({ OUTLETS => 'text rbldnsd' }, $publish, '-1', $store, $out);
  is $code, 111, 'a list that cannot be written: -1 exits 111';
  like $said, qr{warning: unable to write $out/ip6\.txt: Is a directory}, 'and names the file';
  is +(run({}, $publish, '-1', $store, $out))[0], 0, 'rbldnsd alone does not care';
};

subtest 'nft' => sub {
  my ($store, $out) = begin(@rows);
  is join(' ', run({ OUTLETS => 'nft' }, $publish, '-1', $store, $out)), '0 ', 'written once';
  is join(' ', dir("$out/nft")), 'full.nft', 'one file';
  my $text = list("$out/nft/full.nft");
  my %left = map { $_ => 1 } $text =~ /timeout (\d+)s/g;
  my ($left) = keys %left;
  is scalar(keys %left), 1, 'one reading';
  cmp_ok abs($now + 3600 - time - $left), '<', 20, 'timeouts are exact';
  is $text =~ s/timeout \d+s/timeout Ns/gr, <<'END', 'the text';
# sinbin: spambots, for nft -f
# count          6
# changes 1
add table inet sinbin
add set inet sinbin bots4 { type ipv4_addr; flags timeout; }
add set inet sinbin bots6 { type ipv6_addr; flags timeout; }
flush set inet sinbin bots4
flush set inet sinbin bots6
add element inet sinbin bots4 { 192.0.2.1 timeout Ns,
192.0.2.2 timeout Ns,
192.0.2.3 timeout Ns }
add element inet sinbin bots6 { 2001:db8:: timeout Ns,
2001:db8:0:1:: timeout Ns,
2001:db8:0:3:: timeout Ns }
END
  is +(run({ OUTLETS => 'nft' }, $publish, '-1', $store, $out))[0], 0, 'once more';
  like list("$out/nft/full.nft"), qr/^# changes 2$/m, 'has the next number';

  my (undef, $blocked) = begin();
  spew("$blocked/nft", '');
  my ($code, $said) = run({ OUTLETS => 'nft text' }, $publish, '-1', $store, $blocked);
  is $code, 111, 'a file in the place of the directory: -1 exits 111';
  like $said, qr{unable to write $blocked/nft/full\.nft: Not a directory}, 'and names the file';
  is body("$blocked/ip4.txt"), '192.0.2.1 192.0.2.2 192.0.2.3', 'the other lists are written';
};

# Postfix as it is installed, or as tests/data/clients/fetch unpacks it; postmap with cdb tables.
sub find_postmap {
  my ($root) = grep { -x "$_/usr/sbin/postmap" && glob "$_/usr/lib/postfix/postfix-cdb.so" } '', getcwd() . '/.build/clients';
  return if !defined $root;
  mkdir "$top/postfix";
  spew("$top/postfix/dynamicmaps.cf", "cdb\tpostfix-cdb.so\tdict_cdb_open\tmkmap_cdb_open\n");
  spew("$top/postfix/main.cf", <<"END");
compatibility_level = 3.6
daemon_directory = $root/usr/lib/postfix/sbin
command_directory = $root/usr/sbin
shlib_directory = $root/usr/lib/postfix
meta_directory = $top/postfix
mail_owner = uucp
setgid_group = news
END
  return ('env', "LD_LIBRARY_PATH=" . join(':', glob "$root/usr/lib/*-linux-gnu $root/usr/lib/postfix"), "$root/usr/sbin/postmap", '-c', "$top/postfix");
}

my %postfix = (OUTLETS => 'postfix', LOOKUP_URL => 'https://lookup.example/?ip=$');

subtest 'postfix' => sub {
  my ($store, $out) = begin(@rows);
  is join(' ', run(\%postfix, $publish, '-1', $store, $out)), '0 ', 'written once';
  is join(' ', dir($out)), 'postfix4 postfix4.cidr postfix6.cidr', 'its files and no others';
  is list("$out/postfix4"), <<'END', 'IPv4';
# sinbin: IPv4 addresses of spambots, for postmap
# count          3
192.0.2.1 REJECT listed as a spambot; see https://lookup.example/?ip=192.0.2.1
192.0.2.2 REJECT listed as a spambot; see https://lookup.example/?ip=192.0.2.2
192.0.2.3 REJECT listed as a spambot; see https://lookup.example/?ip=192.0.2.3
END
  is list("$out/postfix4.cidr"), <<'END', 'IPv4, cidr';
# sinbin: IPv4 addresses of spambots, merged, a cidr table
# count          2
192.0.2.1/32 REJECT listed as a spambot
192.0.2.2/31 REJECT listed as a spambot
END
  is list("$out/postfix6.cidr"), <<'END', 'IPv6, cidr';
# sinbin: IPv6 networks of spambots, merged, a cidr table
# count          2
2001:db8::/63 REJECT listed as a spambot
2001:db8:0:3::/64 REJECT listed as a spambot
END

  my @postmap = find_postmap();
SKIP: {
    skip 'no Postfix with cdb tables here', 1 if !@postmap;
    my $ask = sub { my ($table, $ip) = @_; my ($code, $said) = run({}, @postmap, '-q', $ip, $table); return "$code $said" };
    is join(' ', run({}, @postmap, "cdb:$out/postfix4")), '0 ', 'postmap takes the table';
    is $ask->("cdb:$out/postfix4", '192.0.2.2'), "0 REJECT listed as a spambot; see https://lookup.example/?ip=192.0.2.2\n", 'cdb: a listed address';
    is $ask->("cdb:$out/postfix4", $_), '1 ', "cdb: not $_" for qw(192.0.2.4 192.0.2 192);
    is $ask->("cidr:$out/postfix4.cidr", $_), "0 REJECT listed as a spambot\n", "cidr: $_" for qw(192.0.2.1 192.0.2.2 192.0.2.3);
    is $ask->("cidr:$out/postfix4.cidr", $_), '1 ', "cidr: not $_" for qw(192.0.2.0 192.0.2.4 192.0.2.6);
    is $ask->("cidr:$out/postfix6.cidr", $_), "0 REJECT listed as a spambot\n", "cidr: $_" for qw(2001:db8::9 2001:db8:0:1:2:3:4:5 2001:db8:0:3::);
    is $ask->("cidr:$out/postfix6.cidr", $_), '1 ', "cidr: not $_" for qw(2001:db8:0:2::9 2001:db8:0:4::1 192.0.2.1);
  }

  # every second address, so that nothing is merged
  sql($store, "BEGIN; DELETE FROM listing;\n" . join('', map { row(sprintf('10.0.%d.%d', $_ >> 7, 2 * $_ & 255), 'black') } 0 .. 19999) . "COMMIT;\n");
  is join(' ', run(\%postfix, $publish, '-1', $store, $out)), '0 ', '20,000 entries';
  is scalar(grep { !/^#/ } split /\n/, slurp("$out/postfix4.cidr")), 20000, 'all of them are in the cidr table';
  sql($store, row('192.0.2.1', 'black'));
  my ($code, $said) = run(\%postfix, $publish, '-1', $store, $out);
  is $code, 0, 'one more';
  like $said, qr{warning: $out/postfix4\.cidr: is empty, since it may have only 20000 entries}, 'is warned of';
  is list("$out/postfix4.cidr"), <<'END', 'the cidr table is empty and says why';
# sinbin: IPv4 addresses of spambots, merged, a cidr table
# count      20001
# too many entries: none is in this file, since the limit is 20000
END
  is scalar(grep { !/^#/ } split /\n/, slurp("$out/postfix4")), 20001, 'the other table has all';
};

subtest 'sha256' => sub {
  my ($store, $out) = begin(@rows);
  my %all = (OUTLETS => 'text csv json nft postfix sha256');
  is join(' ', run(\%all, $publish, '-1', $store, $out)), '0 ', 'written once';
  my @sums = split /\n/, slurp("$out/SHA256SUMS");
  is join(' ', sort map { (split)[1] } @sums),
    'cidr4.txt cidr6.txt decisions.csv ip4.txt ip6.txt listings.jsonl nft/full.nft postfix4 postfix4.cidr postfix6.cidr', 'each list';
  is +(run({}, 'sh', '-c', "cd $out && sha256sum --strict -c SHA256SUMS"))[0], 0, 'and its sum';
  unlink "$out/ip4.txt", "$out/SHA256SUMS";
  mkdir "$out/ip4.txt";
  is +(run(\%all, $publish, '-1', $store, $out))[0], 111, 'a list that cannot be written';
  is scalar(grep { / ip4\.txt$/ } split /\n/, slurp("$out/SHA256SUMS")), 0, 'has no sum';
  is +(run({}, 'sh', '-c', "cd $out && sha256sum --strict -c SHA256SUMS"))[0], 0, 'the others have';
  rmdir "$out/ip4.txt";
  unlink "$out/SHA256SUMS";
  mkdir "$out/SHA256SUMS";
  my ($code, $said) = run(\%all, $publish, '-1', $store, $out);
  is $code, 111, 'sums that cannot be written: -1 exits 111';
  like $said, qr{warning: unable to write $out/SHA256SUMS: Is a directory}, 'and names the file';
  is body("$out/ip4.txt"), '192.0.2.1 192.0.2.2 192.0.2.3', 'the lists are written';
};

# ---- the daemon

my %settings = (LIST_INTERVAL => 1, LINGER => 0, OUTLETS => 'rbldnsd text', ZONE_EXPIRE => 600);

# Processes whose parent is this one.
sub children { my ($pid) = @_; return split ' ', slurp("/proc/$pid/task/$pid/children") }

subtest 'changes, and what one list cannot do to others' => sub {
  my ($store, $out) = begin(@rows, row('192.0.2.20', 'black', until => time + 4));
  my $dns = do {
    run({}, $publish, '-1', $store, $out);
    serve($out, '1s', 'bl.example', 'all.example');
  };
  my $daemon = start(\%settings, $publish, $store, $out, '/bin/sh', '-c', "kill -HUP $dns");
  ok wait_for(5, sub { body("$out/ip4.txt") =~ / 192\.0\.2\.20$/ }), 'a list is written';
  ok wait_for(8, sub { body("$out/ip4.txt") !~ /192\.0\.2\.20/ }), 'a listing that ends leaves it, though the store does not change';
  ok time >= $now + 4, 'not before its end';

  unlink "$out/ip4.txt";
  mkdir "$out/ip4.txt" or die;
  sql($store, row('192.0.2.30', 'black'));
  now_is('192.0.2.30', 'bl.example', '127.0.0.2', 'a directory in the place of a list: DNS goes on', 2);
  ok wait_for(5, sub { body("$out/cidr4.txt") =~ m{192\.0\.2\.30/32} }), 'so do the other lists';
  ok wait_for(5, sub { slurp($errors) =~ m{warning: unable to replace $out/ip4\.txt: Is a directory} }), 'it is warned of';
  rmdir "$out/ip4.txt";
  ok wait_for(15, sub { -f "$out/ip4.txt" && body("$out/ip4.txt") =~ /192\.0\.2\.30/ }), 'and written when that is possible';

  my ($second) = children($daemon);
  ok $second, 'a second process writes the lists';
  kill 'STOP', $second;
  sql($store, row('192.0.2.31', 'black'));
  now_is('192.0.2.31', 'bl.example', '127.0.0.2', 'it hangs: DNS goes on', 2);
  kill 'KILL', $second;
  ok wait_for(15, sub { body("$out/ip4.txt") =~ /192\.0\.2\.31/ }), 'it is killed: another one is started';
  like slurp($errors), qr/the process that writes the other outlets has ended/, 'which is logged';

  ($second) = children($daemon);
  my $told = time;
  is stop($daemon), 0, 'SIGTERM: exit 0';
  cmp_ok time - $told, '<', 5, 'soon';
  ok !kill(0, $second), 'the second process has ended, too';
  $daemon = start(\%settings, $publish, $store, $out);
  ok wait_for(5, sub { children($daemon) }), 'started again';
  ($second) = children($daemon);
  stop($daemon, 'KILL');
  ok wait_for(5, sub { !kill 0, $second }), 'kill -9: the second process ends';
  stop($dns);
};

subtest 'lists alone' => sub {
  my ($store, $out) = begin();
  my ($ready, $tell);
  {
    local $^F = 255;
    pipe $ready, $tell or die;
  }
  my $daemon = start({ %settings, OUTLETS => 'text', NOTIFY_FD => fileno $tell },
    $publish, $store, $out, '/bin/sh', '-c', "echo >>$top/told");
  close $tell;
  is scalar <$ready>, "\n", 'reports that it is ready';
  like list("$out/ip4.txt"), qr/count          0$/m, 'when the lists are there';
  ok !-e "$out/expiry", 'nothing is made for rbldnsd';
  ok wait_for(5, sub { -s "$top/told" }), 'PROG is run';
  my $size = -s "$top/told";
  sleep 1.5;
  is -s "$top/told", $size, 'without a change it is not run again';
  my ($serial) = slurp("$out/ip4.txt") =~ /^# serial (\d+)/m;
  sql($store, row('192.0.2.1', 'black'));
  ok wait_for(5, sub { body("$out/ip4.txt") eq '192.0.2.1' }), 'a change';
  ok wait_for(5, sub { -s "$top/told" > $size }), 'PROG is run again';
  cmp_ok +(slurp("$out/ip4.txt") =~ /^# serial (\d+)/m)[0], '>', $serial, 'the serial has grown';
  is stop($daemon), 0, 'SIGTERM: exit 0';
};

SKIP: {
  skip 'no mount namespace here', 1 if !$ENV{SINBIN_TEST_MOUNTS};
  subtest 'a full disk' => sub {
    my ($store, $out) = begin(row('192.0.2.1', 'black'));
    is system("mount -t tmpfs -o size=512k,mode=755 none $out"), 0, 'a small disk';
    my $daemon = start({ %settings, OUTLETS => 'text' }, $publish, $store, $out);
    ok wait_for(5, sub { body("$out/cidr6.txt") eq '' }), 'the lists are written';
    system "dd if=/dev/zero of=$out/full bs=1k count=1000 2>/dev/null";
    sql($store, row('192.0.2.2', 'black'));
    ok wait_for(5, sub { slurp($errors) =~ m{unable to write $out/ip4\.txt: No space left on device} }), 'a full disk is warned of';
    is body("$out/ip4.txt"), '192.0.2.1', 'the last file stays, whole';
    unlink "$out/full";
    ok wait_for(15, sub { body("$out/ip4.txt") eq '192.0.2.1 192.0.2.2' }), 'room again: written';
    is stop($daemon), 0, 'SIGTERM: exit 0';
    is join(' ', grep { /tmp/ } dir($out)), '', 'no temporary file is left';
    system "umount $out";
  };
}
done_testing;
