#!/usr/bin/perl
# The whole way: a client speaks to the trap, and DNS answers for it. Real programs throughout: s6,
# sinbin-listen, rbldnsd, dig, swaks, curl.
use strict;
use warnings;
use lib 'tests/e2e';
use Chain;
use Crowd;
use Test::More;
use Time::HiRes qw(sleep time);

my %quick = (DELAY_GREET => '1', DELAY_HELO => '0.1', DELAY_MAIL => '0.1', DELAY_RCPT => '0.1',
  DELAY_DATA => '0.1');
my $chain = Chain->new(%quick);
my $bl    = 'bl.sinbin.test';
my $all   = 'all.sinbin.test';
ok $chain->start, 'package/run starts and says so' or BAIL_OUT("package/run: $chain->{said}");

sub listed_within {
  my ($address, $seconds) = @_;
  my $name  = Chain::reversed($address) . ".$bl";
  my $start = time;
  while (time - $start < $seconds) {
    my ($status, @a) = $chain->dig($name, 'A');
    return time - $start if "@a" eq '127.0.0.2';
    sleep 0.05;
  }
  return undef;
}

subtest 'a bot that talks early and hangs up is listed within two seconds' => sub {
  my $bot = $chain->connect('127.0.0.66');
  print $bot "EHLO ylmf-pc\r\nMAIL FROM:<a\@b.example>\r\nRCPT TO:<x\@sinbin.test>\r\nDATA\r\n";
  ok Chain::expect($bot, qr/^451 /m), 'it gets its 451';
  close $bot;
  my $took = listed_within('127.0.0.66', 2);
  ok defined $took, 'and is answered 127.0.0.2' and note "after $took s";
  my ($status, $txt) = $chain->dig("66.0.0.127.$bl", 'TXT');
  like $txt // '', qr/early-talk.*no-quit/, 'the TXT names its sins';
  my ($line) = $chain->sessions('127.0.0.66');
  like $line // '', qr/ stage=data end=fin .* verdict=bot$/, 'the log has its line';
};

subtest 'real clients end clean and are not listed' => sub {
  my $out = `swaks --server 127.0.0.1:$chain->{smtp} --local-interface 127.0.0.67 --helo mx.example.net --from a\@b.example --to x\@sinbin.test 2>&1`;
  like $out, qr/^<\*\*\s+451 /m, 'swaks meets the 451';
  my ($line) = $chain->sessions('127.0.0.67');
  like $line // '', qr/ end=quit .* verdict=clean$/, 'swaks is clean';
  open my $mail, '>', "$chain->{var}/mail" or die;
  print $mail "Subject: hello\r\n\r\nhello\r\n";
  close $mail;
  my $code = system "curl -s --interface 127.0.0.68 smtp://127.0.0.1:$chain->{smtp}/mx.example.net --mail-from a\@b.example --mail-rcpt x\@sinbin.test -T $chain->{var}/mail >/dev/null 2>&1";
  isnt $code, 0, 'curl is refused';
  ($line) = $chain->sessions('127.0.0.68');
  like $line // '', qr/ end=quit .* verdict=clean$/, 'curl is clean';
  sleep 1;
  is scalar $chain->dig("$_.0.0.127.$bl", 'A'), 'NXDOMAIN', "127.0.0.$_ is not listed" for 67, 68;
};

subtest 'a client that only omits QUIT is not listed, but brown' => sub {
  my $s = $chain->connect('127.0.0.69');
  Chain::expect($s, qr/^220 /m);
  for (['EHLO mx.example.net', qr/^250 /m], ['MAIL FROM:<a@b.example>', qr/^250 /m],
    ['RCPT TO:<x@sinbin.test>', qr/^250 /m], ['DATA', qr/^451 /m]) {
    print $s "$_->[0]\r\n";
    ok Chain::expect($s, $_->[1]), $_->[0];
  }
  close $s;
  my ($line) = $chain->sessions('127.0.0.69');
  like $line // '', qr/ sins=high-mx,no-quit score=6 verdict=suspect$/, 'it is a suspect';
  my @a;
  for (1 .. 40) {
    (undef, @a) = $chain->dig("69.0.0.127.$all", 'A');
    last if @a;
    sleep 0.05;
  }
  is "@a", '127.0.0.4 127.0.1.2', 'brown, never QUITs';
  is scalar $chain->dig("69.0.0.127.$bl", 'A'), 'NXDOMAIN', 'and not in the block list';
};

SKIP: {
  skip 'this machine has no IPv6 loopback', 1 if $chain->{said} !~ / ::1, TCP port/;
  subtest 'the trap serves IPv6 as well' => sub {
    my $s = $chain->connect('::1');
    print $s "EHLO ylmf-pc\r\nMAIL FROM:<a\@b.example>\r\nRCPT TO:<x\@sinbin.test>\r\nDATA\r\n";
    ok Chain::expect($s, qr/^451 /m), '451 over IPv6';
    close $s;
    my ($line) = $chain->sessions('::1');
    like $line // '', qr/ peer=::1 .* verdict=bot$/, 'judged';
    sleep 1;
    is scalar $chain->dig('1.' . '0.' x 31 . $bl, 'A'), 'NXDOMAIN', 'but ::1 is never listed';
  };
}

sub dump_store { return scalar `sqlite3 -readonly $chain->{var}/store/sinbin.db .dump 2>&1` }

subtest 'what a stranger sends changes nothing' => sub {
  my $before = dump_store();
  like $before, qr/INSERT INTO/, 'the store can be read while it runs';
  my $udp = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $chain->{collect}, Proto => 'udp');
  my $line = 'SB1 trap 1 1764000000 1 1764000000 127.0.0.90 bot 28 fin early-talk -';
  $udp->send($_) for '', "\n", 'x' x 1400, $line, "$line\n", "$line " . '0' x 32 . "\n",
    "$line " . '0' x 31 . "\n", substr("$line " . '0' x 32, 0, 40), "\0" x 508;
  my $other = "$chain->{var}/other.key";
  open my $key, '>', $other or die;
  print $key 'ab' x 32, "\n";
  close $key;
  chmod 0400, $other;
  my ($bot) = grep { /verdict=bot/ } $chain->log('verdicts');
  $bot =~ s/^\@\w+ //;
  $bot =~ s/peer=\S+/peer=127.0.0.91/;
  open my $report, '|-', "env DETECTOR=trap KEYGEN=1 KEYFILE=$other EPOCH=$chain->{var}/other.epoch "
    . "COLLECTOR=127.0.0.1 COLLECTOR_PORT=$chain->{collect} $chain->{bin}/sinbin-report >/dev/null 2>&1" or die;
  print $report "$bot\n";
  close $report;
  is $? >> 8, 111, 'a report signed with a wrong key was sent, and not acknowledged';
  sleep 1;
  is dump_store(), $before, 'the store is as it was';
  is scalar $chain->dig("91.0.0.127.$bl", 'A'), 'NXDOMAIN', 'nothing new is listed';
};

subtest 'two hundred sessions at once, two hundred whole lines' => sub {
  my @clients = map { $chain->connect("127.0.1.$_") } 1 .. 200;
  my $ready = 0;
  for my $s (@clients) { $ready++ if Chain::expect($s, qr/^220 /m, 30) }
  is $ready, 200, 'all are greeted';
  print $_ "HELO mx.example.net\r\n" for @clients;
  Chain::expect($_, qr/^250 /m) for @clients;
  print $_ "QUIT\r\n" for @clients;
  my $bye = 0;
  for my $s (@clients) { $bye++ if Chain::expect($s, qr/^221 /m, 30) }
  is $bye, 200, 'all are answered';
  my %whole;
  for (1 .. 100) {
    %whole = map { $_ => 1 } map { /^\@[0-9a-f]{24} session1 at=\S+ peer=(127\.0\.1\.\d+) .* verdict=\w+$/ ? $1 : () }
      $chain->log('verdicts');
    last if keys %whole == 200;
    sleep 0.1;
  }
  is scalar(keys %whole), 200, 'all lines are whole';
};

sub wait_for_log {
  my ($pattern) = @_;
  for (1 .. 100) {
    my @found = grep { /$pattern/ } $chain->log('verdicts');
    return @found if @found;
    sleep 0.1;
  }
  return;
}

# The processes of a program whose working directory is that of the trap's service.
sub processes {
  my ($name) = @_;
  return map { m{(\d+)} } grep { (readlink("$_/cwd") // '') eq "$chain->{var}/service/trap"
      && Crowd::slurp("$_/comm") eq "$name\n" } glob '/proc/[0-9]*';
}

subtest 'the acceptor limits, counts, and tells of handlers that were killed' => sub {
  my @held = map { $chain->connect('127.0.2.1') } 1 .. 20;
  ok Chain::expect($_, qr/^220-/m), 'held' for $held[0], $held[-1];
  like Chain::expect($chain->connect('127.0.2.1'), qr/\n/) // '', qr/^421 /, 'too many from one address';
  my @handlers = processes('sinbin-smtpd');
  is scalar @handlers, 20, 'twenty handlers';
  kill 'KILL', $handlers[0];
  my ($lost) = wait_for_log(qr/ lost1 at=\d+\.\d{3} peer=127\.0\.2\.1 .* status=signal:9 seq=\d+ pos=\S+$/);
  ok $lost, 'the log has a lost line';
  system 's6-svc', '-1', "$chain->{var}/service/trap";
  my ($status) = wait_for_log(qr/ sinbin-listen: info: status1 /);
  like $status // '', qr/ ipv4=1 .* lost=1 unlogged=0 seq=\d+ pos=\S+$/, 'and, when asked for, a status line';
  # Where root runs the chain the trap has a user of its own, or its log says that it has none.
  my $warned = grep { / sinbin-listen: warning: running as root/ } $chain->log('sessions');
  my ($user) = Crowd::slurp("/proc/$handlers[1]/status") =~ /^Uid:\s+(\d+)/m;
  is !!$warned, $user == 0, 'a warning where the handlers are root';
  unlike Crowd::slurp("$chain->{var}/log/svscan"), qr/malformed|could not be reported/,
    'which neither scorer nor reporter takes for a damaged line';
};

sub run_count {
  my $deaths = () = `s6-svdt $chain->{var}/service/trap` =~ /^@/mg;
  return $deaths;
}

subtest 'exit 100 is not tried again, a killed acceptor is' => sub {
  my $trap = "$chain->{var}/service/trap";
  my ($acceptor) = processes('sinbin-listen');
  kill 'KILL', $acceptor;
  # The supervisor may not have seen it yet, and take the one that is dead for ready.
  ok Crowd::until_true(15, sub { my ($now) = processes('sinbin-listen'); $now && $now != $acceptor }),
    'killed, it is another process';
  is system("s6-svwait -U -t 15000 $trap"), 0, 'and ready';
  my $deaths = run_count();
  Crowd::spew("$trap/env/LIMIT_IPV4", "many\n");
  system 's6-svc', '-t', $trap;
  ok wait_for_log(qr/ sinbin-listen: fatal: malformed option -4 many/), 'the log says what is wrong';
  is system("s6-svwait -D -t 15000 $trap"), 0, 'and it stays down';
  is run_count() - $deaths, 2, 'after one start';
  unlink "$trap/env/LIMIT_IPV4";
  # Not by -wU, which may still see that it has failed for good.
  is system("s6-svc -u $trap && s6-svwait -U -t 15000 $trap"), 0, 'mended, it is started by hand';
};

subtest 'broken rule text leaves the rules in place' => sub {
  my $cdb = "$chain->{var}/rules/rules.cdb";
  my $own = "$chain->{var}/rules/highmx";
  my @before = (stat $cdb)[1, 7, 9];
  my $text = do { local (@ARGV, $/) = $own; <> };
  open my $out, '>>', $own or die;
  print $out "198.51.100.0/24\n198.51.100.0/33\n";
  close $out;
  my $lines = `wc -l < $own` + 0;
  my $said  = `make -C $chain->{var}/rules SINBIN_RULES=$chain->{bin}/sinbin-rules 2>&1`;
  isnt $?, 0, 'make fails';
  like $said, qr/highmx:$lines: /, 'and names file and line';
  is_deeply [(stat $cdb)[1, 7, 9]], \@before, 'the database is the old one';
  open $out, '>', $own or die;
  print $out $text;
};

subtest 'a second start finds the data of the first' => sub {
  my $port = $chain->{smtp};
  is $chain->stop('TERM'), 0, 'SIGTERM stops it cleanly';
  my @left = grep { (readlink("$_/cwd") // '') =~ /^\Q$chain->{var}\E/ } glob '/proc/[0-9]*';
  is "@left", '', 'nothing is left running';
  ok $chain->start, 'it starts again' or diag $chain->{said};
  ok defined listed_within('127.0.0.66', 5), 'the bot is still listed';
  my $line = ($chain->sessions('127.0.0.66'))[0];
  ok $line, 'its line is still in the log';
};

subtest 'a port in use is a clear message' => sub {
  my $second = Chain->new(%quick);
  $second->{smtp} = $chain->{smtp};
  ok !$second->start, 'a second chain on the same port does not start';
  like $second->{said}, qr/TCP port $chain->{smtp} is in use/i, 'it says why';
  waitpid $second->{pid}, 0;
  is $? >> 8, 111, 'exit code 111';
  delete $second->{pid};
};

is $chain->stop('INT'), 0, 'Ctrl-C stops it cleanly';
done_testing;
