#!/usr/bin/perl
# What a collector believes, with a real collector and signed reports: a detector that lies, one that
# learns, keys that change, a list that grows too fast, what is never listed; and sinbin-detector, by
# which the operator has the last word.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Collectors;
use File::Path qw(make_path remove_tree);
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
srand 7;

# Public addresses from all over.
sub anywhere { my ($n) = @_; return map { join '.', 11 + int rand 80, map { int rand 256 } 1 .. 3 } 1 .. $n }

subtest 'a detector that lies' => sub {
  my $c = Collectors->new(RATE_CAP => 5, RATE_SPAN => 60);
  $c->detector('liar', weight => '0.5');
  $c->detector('half', weight => '0.6');
  $c->detector('honest');
  my @reported = anywhere(450);
  my $first = time;
  my $moved = $c->report('liar', @reported[0 .. 199]);
  is $moved->{reports}, 200, 'it reports addresses all over IPv4';
  is $c->sql("SELECT count(*) FROM listing WHERE colour IN ('black', 'yellow')"), 0, 'and lists nothing alone';
  $c->report('half', $reported[0]);
  is $c->colour($reported[0]), 'black', 'a second detector lists what both report';
  $c->report('honest', $reported[1]);
  is $c->colour($reported[1]), 'black', 'as does a detector of weight 1';
  $moved = $c->report('liar', @reported[200 .. 449]);
  cmp_ok $moved->{capped}, '>', 100, 'it goes on, and is over its rate';
  is $moved->{reports} + $moved->{capped}, 250, 'no more of that is kept';
  is $moved->{answers}, $moved->{datagrams}, 'but all is acknowledged';
  like $c->err, qr/alarm: \d+ reports above the rate of their detector decide nothing, the last about \S+ by liar/, 'an alarm';
  like +($c->run('list'))[1], qr/^detector=liar state=heard weight=0.5 .* surplus=1\d\d lastsurplus=\S+Z$/m, 'list shows it';
  $c->order('quarantine', 'liar');
  $c->report('half', $reported[2]);
  is $c->colour($reported[2]), 'brown', 'its evidence no longer counts';
  $c->slay;
  $c->start;
  like $c->err, qr/warning: detector liar is in quarantine/, 'a new start keeps it';
  $c->report('half', $reported[3]);
  is $c->colour($reported[3]), 'brown', 'and it still does not count';
  $c->order('revoke', 'liar', '-s', int $first - 60);
  is $c->sql("SELECT count(*) FROM evidence WHERE detector = 'liar'"), 0, 'revoked: its evidence is removed';
  is $c->colour($reported[0]), 'brown', 'a listing that was based on it ends';
  is $c->colour($reported[1]), 'black', 'another listing stays';
  is $c->sql("SELECT count(*) FROM listing WHERE colour IN ('black', 'yellow') AND until > strftime('%s') + 0"), 1, 'and nothing else';
  is $c->report('liar', $reported[4])->{quarantined}, 1, 'it is in quarantine, and answered';
  is $c->sql("SELECT count(*) FROM evidence WHERE detector = 'liar'"), 1, 'the new evidence stays';
  $c->restart;
  is $c->sql("SELECT count(*) FROM evidence WHERE detector = 'liar'"), 1, 'an order is carried out once';
  $c->order('release', 'liar');
  $c->report('half', $reported[4]);
  $c->report('liar', $reported[4]);
  is $c->colour($reported[4]), 'black', 'released, it counts again';
  is $c->stop, 0, 'exit code';
};

subtest 'a detector whose directory was removed' => sub {
  my $c = Collectors->new;
  $c->detector('gone');
  $c->report('gone', '11.8.1.1');
  remove_tree("$c->{dir}/detectors/gone");
  $c->order('weight', 'first', 1);
  is $c->colour('11.8.1.1'), 'black', 'what it listed stays';
  is +($c->run('revoke', 'gone'))[0], 100, 'it cannot be revoked';
  $c->order('add', 'gone');
  $c->order('revoke', 'gone');
  is $c->colour('11.8.1.1'), '', 'added again, it is revoked';
  is $c->sql("SELECT count(*) FROM evidence WHERE detector = 'gone'"), 0, 'with all its evidence';
  remove_tree("$c->{dir}/detectors/gone");
  $c->restart;
  is $c->sql("SELECT count(*) FROM listing WHERE until > strftime('%s') + 0"), 0, 'for good';
  $c->stop;
};

subtest 'a detector that dates back' => sub {
  my $c = Collectors->new;
  $c->detector('stolen');
  my $now = int time;
  $c->report('stolen', ['11.8.0.1', 'bot', $now - 20 * 3600]);
  is $c->colour('11.8.0.1'), 'black', 'it lists by a session of yesterday';
  $c->order('revoke', '-s', $now - 3600, 'stolen');
  is $c->colour('11.8.0.1'), '', 'what it said in the last hour goes, whatever it said';
  $c->stop;
};

subtest 'killed while it revokes' => sub {
  my $c = Collectors->new(BREAKER_LEAST => 0);
  $c->detector($_) for 'liar', 'honest';
  my @reported = map { '11.6.' . ($_ >> 8) . '.' . ($_ & 255) } 1 .. 2400;
  $c->report('liar', @reported);
  $c->report('honest', @reported[0 .. 99]);
  is +($c->run('revoke', 'liar'))[0], 0, 'the order is given';
  kill 'HUP', $c->{pid};
  sleep 0.01;
  $c->slay;
  # A start carries it out before it is ready, so it is killed in the middle of that, too.
  for my $wait (map { 0.004 * $_ } 1 .. 5) {
    my $pid = Collectors::child($c->{env}, '/dev/null', "$c->{dir}/err", "$bin/sinbin-collect");
    sleep $wait;
    kill 'KILL', $pid;
    waitpid $pid, 0;
  }
  $c->start;
  is $c->sql("SELECT count(*) FROM evidence WHERE detector = 'liar'"), 0, 'all its evidence is removed';
  is $c->sql("SELECT count(*) FROM listing WHERE colour = 'black' AND until > strftime('%s') + 0"), 100, 'and every listing that rested on it';
  is $c->sql("SELECT count(*) FROM standing WHERE detector = 'liar' AND revoked > 0"), 1, 'as is remembered';
  $c->stop;
};

subtest 'the operator: quarantine, weight, group' => sub {
  my $c = Collectors->new;
  $c->detector($_) for 'alice', 'bob';
  $c->order('quarantine', 'alice');
  $c->report('alice', '11.0.0.1');
  is $c->colour('11.0.0.1'), '', 'in quarantine it lists nothing';
  $c->order('release', 'alice');
  $c->report('alice', '11.0.0.1');
  is $c->colour('11.0.0.1'), 'black', 'released, it does';
  $c->order('weight', $_, '0.6') for 'alice', 'bob';
  $c->report($_, '11.0.0.2') for 'alice', 'bob';
  is $c->colour('11.0.0.2'), 'black', 'two weights';
  $c->order('group', $_, 'both') for 'alice', 'bob';
  $c->report($_, '11.0.0.3') for 'alice', 'bob';
  is $c->colour('11.0.0.3'), 'brown', 'of one group';
  Collectors::spew("$c->{dir}/detectors/bob/revoked", "0 4000000000\n");
  $c->order('revoke', '-s', '2026-01-31T23:59:59Z', 'bob');
  is Collectors::slurp("$c->{dir}/detectors/bob/revoked"), "1769903999 4000000001\n", 'an order is later than the one before';
  $c->order('release', 'bob');
  $c->report('bob', '11.0.0.3', '11.0.0.2');
  make_path("$c->{dir}/detectors/.eve.new");
  Collectors::spew("$c->{dir}/detectors/.eve.new/key.1", "half a k", 0400);
  $c->detector('eve');
  $c->report('eve', '11.0.0.4');
  is $c->colour('11.0.0.4'), 'black', 'one that was half made before is made';
  is join(' ', sort map { s{.*/}{}r } glob "$c->{dir}/detectors/.e* $c->{dir}/detectors/eve/*"), 'key.1', 'and nothing else';
  SKIP: {
    skip 'not root', 2 if $> != 0;
    chown 65534, 65534, "$c->{dir}/detectors" or die;
    $c->order('add', '-w', 1, 'mallory');
    is join(' ', map { (stat)[4] } map { "$c->{dir}/detectors/mallory$_" } '', '/key.1', '/weight'), '65534 65534 65534',
      'root gives what it makes to the owner of the directory';
    $c->order('quarantine', 'mallory');
    is +(stat "$c->{dir}/detectors/mallory/quarantine")[4], 65534, 'files of later as well';
  }
  $c->order('rate', 'bob', 1);
  like +($c->run('list'))[1], qr/^detector=bob state=heard weight=0.6 group=both keys=1 rate=1 first=\S+Z last=\S+Z heartbeat=- addresses=2 bots=2 suspects=0 cleans=0$/m,
    'all of it is shown';
  $c->stop;
};

subtest 'list names each once, in order' => sub {
  my $c = Collectors->new;
  $c->detector($_) for qw(carl alice bob dora);
  $c->report($_, '11.0.8.1') for qw(dora bob);
  system('sqlite3', $c->{env}{STORE}, "INSERT INTO standing (detector, first, quarantined, revoked) VALUES ('bert', 1, 0, 0)") == 0 or die;
  is join(' ', +($c->run('list'))[1] =~ /^detector=(\S+) state=(\S+)/mg),
    'alice heard bert unknown bob heard carl heard dora heard first heard', 'those that reported, those that did not, and one without a directory';
  $c->stop;
};

subtest 'a new detector learns' => sub {
  my $c = Collectors->new(LEARNING => 2);
  $c->detector('new');
  $c->report('new', '11.0.1.1');
  is $c->colour('11.0.1.1'), '', 'it lists nothing';
  like +($c->run('list'))[1], qr/^detector=new state=learning .* first=2/m, 'list says so';
  $c->stop;
  system 'sqlite3', $c->{env}{STORE}, 'UPDATE standing SET first = first - 2 * 86400';
  $c->start;
  $c->report('new', '11.0.1.1');
  is $c->colour('11.0.1.1'), 'black', 'two days after its first report it does';
  $c->stop;
};

subtest 'a list that grows too fast' => sub {
  my $c = Collectors->new(BREAKER_LEAST => 20);
  $c->detector('alice');
  my @reported = anywhere(30);
  my $moved = $c->report('alice', @reported);
  is $moved->{reports}, 30, 'all is taken';
  is $moved->{refused}, 10, 'ten listings are refused';
  is $c->sql("SELECT count(*) FROM listing WHERE colour = 'black'"), 20, 'as many begin as may';
  is $c->sql("SELECT count(*) FROM evidence WHERE bots = 1"), 30, 'the evidence is kept';
  like $c->err, qr/alarm: too many new listings in an hour: no listing begins for an hour from \S+Z, \d+ refused so far/, 'an alarm';
  is $c->counts->{frozen}, 1, 'and among the counters';
  $c->report('alice', [$reported[0], 'bot', time + 60]);
  is $c->sql("SELECT count(*) FROM listing WHERE until > strftime('%s') + 86400 + 30"), 1, 'what runs is prolonged';
  $c->slay;
  $c->start;
  is $c->report('alice', $reported[29])->{refused}, 1, 'a new start does not end it';
  like +($c->run('explain', $reported[29]))[1], qr/^frozen: no listing begins from \S+Z to \S+Z\nonly: detector:alice$/m, 'explain says so';
  Collectors::until_true('the alarm comes again', sub { (() = $c->err =~ /alarm: too many new/g) >= 3 });
  $c->order('thaw');
  is $c->counts->{frozen}, 0, 'the operator thaws it';
  like +($c->run('explain', $reported[29]))[1], qr/^why: not listed, brown until \S+Z by \N+, but listed by its next report as a bot$/m,
    'explain says that the next report lists it';
  is $c->report('alice', @reported)->{refused}, 0, 'and what was refused may be listed';
  is $c->sql("SELECT count(*) FROM listing WHERE colour = 'black'"), 30, 'when it is reported again';
  $c->restart(BREAKER_LEAST => 0);
  is $c->report('alice', anywhere(200))->{refused}, 0, '0: off';
  $c->stop;
};

subtest 'keys change without a gap' => sub {
  my $c = Collectors->new;
  $c->detector('trap');
  my $n = 0;
  my $deliver = sub {
    my ($keygen, $count, %more) = @_;
    my $dir = $c->{dir};
    open my $in, '>', "$dir/lines" or die;
    for (1 .. $count) {
      $n++;
      printf $in "session1 at=%d.000 peer=11.0.2.%d ms=10 stage=data end=fin seq=%d pos=7.%d sins=helo-bot,no-quit score=14 verdict=bot\n",
        time, $n, $n, 100 * $n;
    }
    close $in;
    Collectors::spew("$dir/checkpoint", "CP1 1764000000 1 7 0 -\n") if !-e "$dir/checkpoint";
    my %env = (COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $c->{port}, DETECTOR => 'trap', KEYGEN => $keygen,
      KEYFILE => "$dir/detectors/trap/key.$keygen", CHECKPOINT => "$dir/checkpoint", HEARTBEAT => 0, GRACE => 20, %more);
    local @ENV{ keys %env } = values %env;
    return system("$bin/sinbin-report <$dir/lines >/dev/null 2>>$dir/report.err") >> 8;
  };
  my $evidence = sub { $c->counts; return $c->sql('SELECT count(*) FROM evidence') };
  is $deliver->(1, 10), 0, 'with the first key';
  like $c->order('key', 'trap'), qr{^copy \S+/trap/key\.2 to the trap, mode 0400: .*DETECTOR=trap and KEYGEN=2$}, 'a second key is made';
  is $deliver->(1, 10), 0, 'the first is still good';
  is $deliver->(2, 10), 0, 'the second is, too';
  $c->order('key', '-d', 1, 'trap');
  is $deliver->(2, 10), 0, 'and after the first was taken away';
  is $evidence->(), 40, 'not one report was lost';
  my $checkpoint = Collectors::slurp("$c->{dir}/checkpoint");
  Collectors::spew("$c->{dir}/checkpoint", $checkpoint =~ s/^CP1 \d+ /CP1 1700000000 /r);
  is $deliver->(2, 5, GRACE => 0.3), 0, 'under an older epoch';
  is $evidence->(), 40, 'nothing is taken';
  like $c->err, qr/alarm: \d+ datagrams of an older epoch, by trap/, 'an alarm';
  my $epoch = $c->sql("SELECT epoch FROM detector WHERE name = 'trap'");
  is $epoch, 1764000000, 'what the collector knows';
  $checkpoint = Collectors::slurp("$c->{dir}/checkpoint");
  like $checkpoint, qr/^CP1 1700000000 41 /, 'the lines wait';
  Collectors::spew("$c->{dir}/checkpoint", $checkpoint =~ s/^CP1 \d+ /'CP1 ' . ($epoch + 1) . ' '/er);
  $n -= 5;
  is $deliver->(2, 5), 0, 'under a higher one';
  is $evidence->(), 45, 'all that waited is taken';
  is +(stat "$c->{dir}/detectors/trap/key.2")[2] & 07777, 0400, 'a key is for its owner only';
  isnt Collectors::slurp("$c->{dir}/detectors/trap/key.2"), Collectors::slurp("$c->{dir}/detectors/first/key.1"), 'no two are the same';
  my ($code, undef, $said) = $c->run('key', 'trap', '-d', 2);
  is $code, 100, 'the only key stays';
  like $said, qr/trap: this is its only key/, 'and why';
  $c->order('key', 'trap') for 3 .. 9;
  ($code, undef, $said) = $c->run('key', 'trap');
  is "$code", 100, 'eight at most';
  like $said, qr/it has the most keys already/, 'and why';
  $c->stop;
};

subtest 'one broken detector does not affect the others' => sub {
  my $c = Collectors->new;
  $c->detector($_) for 'liar', 'torn';
  my $dir = "$c->{dir}/detectors";
  mkdir "$dir/broken";
  Collectors::spew("$dir/torn/weight", "heavy\n");
  Collectors::spew("$dir/stray", "no directory\n");
  $c->order('quarantine', 'liar');
  my $said = Collectors::slurp("$c->{dir}/said");
  like $said, qr{warning: \S+/broken: it has no file key\.N$}m, 'a command for another detector warns';
  like $said, qr{warning: \S+/stray: unable to open it as a directory: Not a directory$}m, 'of each';
  like $c->err, qr{warning: not reloaded: \S+/broken: it has no file key\.N; it is left out$}m, 'the collector leaves a new one out';
  like $c->err, qr{warning: not reloaded: \S+/torn/weight: want 0 to 1\N*; its old state stays in force$}m, 'keeps an old one';
  $c->report('liar', '11.0.9.1');
  is $c->colour('11.0.9.1'), '', 'and the quarantine holds';
  $c->report('torn', '11.0.9.2');
  is $c->colour('11.0.9.2'), 'black', 'the old one is believed as before';
  is $c->report('torn', '11.0.9.2')->{duplicate}, 0, 'in its window';
  $c->order('release', 'liar');
  $c->report('liar', '11.0.9.3');
  is $c->colour('11.0.9.3'), 'black', 'release';
  like $c->order('key', 'liar'), qr{^copy \S+/liar/key\.2 to the trap}, 'key';
  $c->order('revoke', 'liar');
  is $c->colour('11.0.9.3'), '', 'revoke';
  my ($code, $out, $err) = $c->run('list');
  like "$code $out $err", qr{^0 detector=first .*^detector=liar .*warning: \S+/broken: }ms, 'list';
  ($code, $out, $err) = $c->run('explain', '11.0.9.2');
  like "$code $out $err", qr{^0 address 11\.0\.9\.2 .*warning: \S+/broken: }ms, 'explain';
  ($code, undef, $err) = $c->run('revoke', 'torn');
  like "$code $err", qr{^100 .*fatal: \S+/torn/weight: want 0 to 1}s, 'of the broken one itself the files are to be sound';
  $c->order('quarantine', 'torn');
  $c->report('torn', '11.0.9.4');
  is $c->colour('11.0.9.4'), '', 'but for its quarantine';
  $c->order('weight', 'torn', 1);
  unlike Collectors::slurp("$c->{dir}/said"), qr/torn/, 'a value that is put right is right';
  Collectors::spew("$dir/.thawed", "soon\n");
  $c->order('quarantine', 'first');
  like $c->err, qr{warning: not reloaded: \S+/\.thawed: want unix seconds$}m, 'another malformed file does not prevent it either';
  $c->report('first', '11.0.9.5');
  is $c->colour('11.0.9.5'), '', 'the quarantine takes effect';
  is $c->stop, 0, 'exit code';
  unlink "$dir/.thawed", "$dir/stray";
  my $pid = Collectors::child($c->{env}, '/dev/null', "$c->{dir}/start", "$bin/sinbin-collect");
  waitpid $pid, 0;
  is $? >> 8, 100, 'a start wants all to be sound';
  like Collectors::slurp("$c->{dir}/start"), qr{fatal: \S+/broken: it has no file key\.N}, 'and says what is not';
};

# Rules as they are shipped, but for what is given.
sub rules {
  my ($c, %file) = @_;
  my $dir = "$c->{dir}/rules";
  make_path($dir);
  for (grep { -f && !/\.|Makefile|README/ } glob 'rules/*') { Collectors::spew("$dir/" . s{.*/}{}r, Collectors::slurp($_)) }
  Collectors::spew("$dir/$_", $file{$_}) for keys %file;
  return system("$bin/sinbin-rules -o $c->{dir}/rules.cdb $dir >/dev/null 2>&1") == 0;
}

subtest 'large providers are never listed' => sub {
  my $c = Collectors->new;
  ok rules($c), 'the shipped rules';
  $c->restart(RULES => "$c->{dir}/rules.cdb");
  $c->detector('alice');
  my @large = qw(209.85.220.41 74.125.82.5 2a00:1450:4864:20::333 40.92.18.5 40.107.22.97 52.101.1.1 104.47.17.100
    2a01:111:f403:2614::717 17.58.6.44 54.240.8.30 69.169.224.3 10.1.2.3 fe80::1);
  my $moved = $c->report('alice', @large, '11.0.3.1');
  is $moved->{never}, scalar @large, 'each is an alarm';
  is +(() = $c->err =~ /warning: RULES is not set/g), 1, 'no warning if there are rules';
  is $c->sql("SELECT count(*) FROM listing"), 1, 'and only another address is listed';
  is $c->colour('11.0.3.1'), 'black', 'namely';
  like +($c->run('explain', '11.0.3.1'))[1], qr/^never: no$/m, 'explain says that it is in no table';
  like +($c->run('explain', '209.85.220.41'))[1], qr/^never: yes, neverlist, neverlist:\d+$/m, 'explain says in which table and line it is';
  $c->stop;
};

subtest 'a part of a /64 keeps it all' => sub {
  my $c = Collectors->new;
  ok rules($c, neverlist => "2400:1:1:1::5:1\n2400:1:1:2::/80\n2400:1:1:4::9-2400:1:1:5::3\n"), 'rules';
  $c->restart(RULES => "$c->{dir}/rules.cdb");
  $c->detector('alice');
  is $c->report('alice', map { "2400:1:1:$_" } '1::5:1', '1:ffff::', '1::', '2:8000::1', '4::1', '5::77')->{never}, 6, 'never listed';
  is $c->report('alice', '2400:1:1:3::1', '2400:1:1:6::')->{never}, 0, 'the neighbours are';
  is $c->sql('SELECT count(*) FROM listing'), 2, 'two listings';
  ok !rules($c, neverlist => "2400::/16\n!2400:1:1:1::5\n"), 'an exclusion of a part is refused';
  $c->stop;
};

subtest 'canaries' => sub {
  my $c = Collectors->new;
  ok rules($c, canaries => "11.0.4.4\n"), 'rules';
  $c->restart(RULES => "$c->{dir}/rules.cdb");
  $c->detector('alice');
  $c->report('alice', '11.0.4.4');
  is $c->colour('11.0.4.4'), '', 'is not listed';
  like $c->err, qr/alarm: 1 reports of canaries, the last about 11\.0\.4\.4 by alice/, 'an alarm that names who said it';
  $c->stop;
};

subtest 'explain' => sub {
  my $c = Collectors->new;
  $c->detector('alice', weight => '0.7', group => 'friends');
  $c->detector('bob', weight => '0.7');
  $c->detector('carol');
  my $now = int time;
  $c->report('alice', ['11.0.5.1', 'bot', $now - 12 * 3600]);
  $c->report('bob', ['11.0.5.1', 'bot', $now - 10]);
  my $explain = sub { return +($c->run('explain', @_))[1] };
  my $text = $explain->('11.0.5.1');
  like $text, qr/^address 11\.0\.5\.1 key=11\.0\.5\.1\n/, 'the address';
  like $text, qr/^listing colour=black over=no since=\S+Z until=\S+Z times=1 last=\S+Z detectors=2 quits=0 noquits=2 sins=helo-bot,no-quit$/m, 'the listing';
  like $text, qr/^evidence detector=alice state=heard weight=0\.7 group=friends age=431\d\d share=0\.35\d bots=1 /m, 'evidence that is half as old';
  like $text, qr/^evidence detector=bob state=heard weight=0\.7 group=bob age=0 share=0\.700 bots=1 .* lastbot=\S+Z score=14 .* sins=helo-bot,no-quit$/m, 'evidence';
  like $text, qr/^rule a: no, /m, 'not rule a';
  like $text, qr/^rule b: yes, the weights make 1\.05\d of 1, from 2 of 2 groups$/m, 'but rule b';
  like $text, qr/^never: unknown, there are no rules\nfrozen: no\n\z/m, 'no limits';
  like $explain->('127.0.0.1'), qr/^never: yes, loopback$/m, 'but for loopback';
  like $explain->('10.1.2.3'), qr/^never: yes, of special purpose$/m, 'and addresses of special purpose';
  like $c->err, qr/warning: RULES is not set: /, 'which the collector says, too';
  $c->report('carol', '2400:7:7:7::1');
  $text = $explain->('2400:7:7:7:1:2:3:4');
  like $text, qr{^address 2400:7:7:7:1:2:3:4 key=2400:7:7:7::/64\n}, 'IPv6';
  like $text, qr/^rule a: yes, carol has weight 1 and reported a bot, last at \S+Z$/m, 'rule a';
  $c->order('quarantine', 'carol');
  $text = $explain->('2400:7:7:7::1');
  like $text, qr/^evidence detector=carol state=quarantined weight=1 group=carol bots=1 /m, 'quarantined';
  like $text, qr/^rule a: no/m, 'decides nothing';
  like $text, qr/^why: listed until \S+Z, by evidence that would not list it now: carol, which reported a bot, is in quarantine$/m,
    'what it listed stays, and why';
  $c->detector('dora');
  $c->report('dora', '2400:7:7:7::1');
  like $explain->('2400:7:7:7::1'), qr/^why: listed until \S+Z, and would be listed now$/m, 'another detector reported it, too';
  $c->order('weight', 'dora', 0);
  rename "$c->{dir}/detectors/carol", "$c->{dir}/carol" or die;
  like $explain->('2400:7:7:7::1'),
    qr/^why: \N+ not list it now: carol, which reported a bot, has no directory; dora, which reported a bot, has weight 0$/m, 'more than one';
  { local $c->{env}{LEARNING} = 1; like $explain->('2400:7:7:7::1'), qr/; dora, which reported a bot, is learning$/m, 'one that learns' }
  $c->order('weight', 'dora', 1);
  is $explain->('11.9.9.9'), "address 11.9.9.9 key=11.9.9.9\nlisting none\nwhy: not listed\nrule a: no, no detector of weight 1 reported a bot\n"
    . "rule b: no, the weights make 0.000 of 1, from 0 of 2 groups\n"
    . "yellow: no, the clean sessions of 24 h make 0.000 of 1: 3.000 wanted, against 0.000 of bots\n"
    . "never: unknown, there are no rules\nfrozen: no\n", 'nothing is known';
  $c->detector('dwarf', weight => '0.001');
  $c->report('dwarf', map { ['11.0.5.1', 'clean'] } 1 .. 9);
  is $c->colour('11.0.5.1'), 'black', 'nine clean sessions of weight 0.001 clear no address';
  $text = $explain->('11.0.5.1');
  like $text, qr/^evidence detector=dwarf .* cleans=9 future=0 bots24=0 cleans24=9 /m, 'they are shown';
  like $text, qr/^yellow: no, the clean sessions of 24 h make 0\.001 of 1: 3\.000 wanted, against 1\.400 of bots$/m, 'and weighed';
  $c->report('first', map { ['11.0.5.1', 'clean'] } 1 .. 3);
  is $c->colour('11.0.5.1'), 'yellow', 'three of one that is trusted do';
  $text = $explain->('11.0.5.1');
  like $text, qr/^yellow: yes, the clean sessions of 24 h make 1\.001 of 1: /m, 'and why';
  like $text, qr/^why: listed until \S+Z, and would be listed now; yellow by clean sessions$/m, 'at the top, too';
  $c->order('quarantine', 'first');
  like $explain->('11.0.5.1'), qr/^why: \N+; yellow by earlier clean sessions$/m, 'of one that is not believed any more';
  $c->order('release', 'first');
  $c->report('bob', ['11.0.5.3', 'suspect'], ['11.0.5.4', 'clean']);
  like $explain->('11.0.5.3'), qr/^why: not listed, brown until \S+Z by a suspect session or a bot session that did not list it$/m, 'brown';
  like $explain->('11.0.5.4'), qr/^why: not listed, clean sessions only, until \S+Z$/m, 'none';
  # What is only in the journal yet is seen as well.
  $c->restart(AT_ONCE => 0, SWEEP => 3600);
  my $before = $c->sql("SELECT count(*) FROM evidence");
  $c->{sender}->send(do {
    my $line = "SB1 bob 1 2000000000 " . ++$c->{seq}{bob} . " $now 11.0.5.2 suspect 5 fin auth -";
    $line . ' ' . Blake2b::blake2b($line, $c->key('bob', 1), 16) . "\n";
  });
  Collectors::until_true('evidence', sub { $explain->('11.0.5.2') =~ /^evidence detector=bob .* suspects=1 /m });
  is $c->sql("SELECT count(*) FROM evidence"), $before, 'from the journal';
  $c->stop;
  like $explain->('11.0.5.1'), qr/^rule b: yes/m, 'without a collector, too';
};

subtest 'errors' => sub {
  my $c = Collectors->new;
  $c->stop;
  Collectors::spew("$c->{dir}/text", "words\n" x 200);
  my @rows = (
    ['no command', 100, qr/usage: sinbin-detector/],
    ['another command', 100, qr/usage: /, 'drop', 'first'],
    ['no name', 100, qr/usage: /, 'add'],
    ['two names', 100, qr/usage: /, 'add', 'x', 'y'],
    ['an option of another command', 100, qr/usage: /, 'add', '-s', 1, 'x'],
    ['no such option', 100, qr/usage: /, '-x', 'list'],
    ['a bad name', 100, qr/malformed name Trap: want 1 to 32/, 'add', 'Trap'],
    ['a path', 100, qr/malformed name \.\.\/x: /, 'quarantine', '../x'],
    ['an empty name', 100, qr/malformed name : /, 'add', ''],
    ['it is there', 100, qr{detectors/first: it exists already}, 'add', 'first'],
    ['it is not there', 100, qr{detectors/none: there is no such detector}, 'weight', 'none', 1],
    ['it is not there, for release', 100, qr{none: there is no such detector}, 'release', 'none'],
    ['it is not there, for revoke', 100, qr{none: there is no such detector}, 'revoke', 'none'],
    ['it is not there, for key', 100, qr{none: there is no such detector}, 'key', 'none'],
    ['a weight', 100, qr/malformed weight 1\.1: want 0 to 1/, 'weight', 'first', '1.1'],
    ['a weight of a new one', 100, qr/malformed weight -1: /, 'add', '-w', '-1', 'x'],
    ['a group', 100, qr/malformed group a b: /, 'group', 'first', 'a b'],
    ['a rate', 100, qr/malformed rate fast: want a whole number/, 'rate', 'first', 'fast'],
    ['a key that is not there', 100, qr/first: there is no key of generation 7/, 'key', '-d', 7, 'first'],
    ['no number of a key', 100, qr/no key of generation x/, 'key', '-d', 'x', 'first'],
    ['a time', 100, qr/malformed -s yesterday: want unix seconds/, 'revoke', '-s', 'yesterday', 'first'],
    ['a time to come', 100, qr/malformed -s 2099-01-01T00:00:00Z: it is in the future/, 'revoke', '-s', '2099-01-01T00:00:00Z', 'first'],
    ['a date', 100, qr/malformed -s 2025-02-30T00:00:00Z/, 'revoke', '-s', '2025-02-30T00:00:00Z', 'first'],
    ['an address', 100, qr/malformed address 192\.0\.2: /, 'explain', '192.0.2'],
    ['no directory', 100, qr{none/\.: unable to open the directory: No such}, { DETECTORS => "$c->{dir}/none" }, 'list'],
    ['a store that is not a database', 100, qr/text: not a database of sinbin-collect/, { STORE => "$c->{dir}/text" }, 'list'],
    ['no store', 111, qr{none\.db: no such database; set STORE}, { STORE => "$c->{dir}/none.db" }, 'list'],
    ['no store for explain', 111, qr{none\.db: no such database; set STORE}, { STORE => "$c->{dir}/none.db" }, 'explain', '192.0.2.1'],
    ['rules that are not rules', 100, qr/unable to open rules /, { RULES => "$c->{dir}/text" }, 'explain', '192.0.2.1'],
    ['days', 100, qr/malformed LEARNING=x: /, { LEARNING => 'x' }, 'list'],
    ['a command that fails', 111, qr/the change is made, but this command failed: exit 3/, '-h', 'exit 3', 'weight', 'first', 1],
    ['no room', 111, qr/unable to write to stdout: No space left/, { OUT => '/dev/full' }, 'list'],
  );
  for my $row (@rows) {
    my ($name, $code, $want, @args) = @$row;
    my $env = ref $args[0] ? shift @args : {};
    my $out = delete $env->{OUT};
    local $c->{env} = { %{ $c->{env} }, %$env };
    my ($got, $err);
    if ($out) {
      my $pid = Collectors::child($c->{env}, $out, "$c->{dir}/full", "$bin/sinbin-detector", @args);
      waitpid $pid, 0;
      ($got, $err) = ($? >> 8, Collectors::slurp("$c->{dir}/full"));
    } else { ($got, undef, $err) = $c->run(@args) }
    is $got, $code, "$name: exit code";
    like $err, $want, "$name: said so";
  }
  is join(' ', sort map { s{.*/}{}r } glob "$c->{dir}/detectors/{,.}*"), '. .. first', 'nothing was made';
  is +($c->run('list'))[0], 0, 'and all is sound';
  Collectors::spew("$c->{dir}/detectors/first/released", "soon\n");
  like +($c->run('list'))[2], qr{first/released: want unix seconds}, 'a file that is wrong is named';
};

done_testing;
