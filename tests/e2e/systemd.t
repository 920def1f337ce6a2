#!/usr/bin/perl
# The units of service/systemd, under a systemd that is process 1 of namespaces of its own: its ports
# are those of an own network, so that the units are tested as they are, but for the programs' path.
use strict;
use warnings;
use lib 'tests/e2e';
use Crowd;
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $owner = $$;
my ($boot, $init, $dir);

plan skip_all => 'systemd-boot needs root' if $> != 0;
plan skip_all => 'systemd is not installed' if !-x '/lib/systemd/systemd' || !-x '/usr/bin/systemd-analyze';
if (!$ENV{SINBIN_OWN_NETWORK}) {
  plan skip_all => 'this machine refuses a network namespace' if system 'unshare --net true 2>/dev/null';
  $ENV{SINBIN_OWN_NETWORK} = 1;
  exec 'unshare', '--net', $^X, $0 or die "unshare: $!";
}
socket my $any, Socket::AF_INET(), Socket::SOCK_DGRAM(), 0 or die;
my $up = pack 'Z16 s x22', 'lo', 0x41;
ioctl $any, 0x8914, $up or die "unable to bring up lo: $!";  # SIOCSIFFLAGS
my $ipv6 = -e '/proc/net/if_inet6' && Crowd::slurp('/proc/net/if_inet6') =~ /^0{31}1 /m;

my $bin = $ENV{SINBIN_BIN} || 'bin';
my @programs = map { "sinbin-$_" } qw(listen smtpd collect publish follow resolve score report);
my @units = glob 'service/systemd/*.{socket,service}';

sub stage {
  my ($to, $programs) = @_;
  make_path($to);
  for my $unit (@units) {
    my $text = Crowd::slurp($unit);
    $text =~ s{/usr/local/bin/}{$programs/}g;
    $text =~ s/^ListenStream=\[::\]:25\n//m if !$ipv6;
    Crowd::spew("$to/" . $unit =~ s{.*/}{}r, $text);
  }
}

sub drop_in {
  my ($unit, $name, $text) = @_;
  make_path("$dir/units/$unit.d");
  Crowd::spew("$dir/units/$unit.d/$name.conf", $text);
}

# Prepares what is there before the boot.
sub prepare {
  $dir = tempdir('sinbin-systemd-XXXXXX', TMPDIR => 1, CLEANUP => 1);
  chmod 0755, $dir;
  make_path("$dir/bin", "$dir/etc", "$dir/detectors/local");
  for (@programs) {
    copy("$bin/$_", "$dir/bin/$_") or die "$bin/$_: $!";
    chmod 0755, "$dir/bin/$_";
  }
  copy("/etc/$_", "$dir/etc/$_") for qw(passwd group);
  stage("$dir/units", '/run/test/bin');
  my $system = '/lib/systemd/system';
  for (qw(poweroff.target systemd-poweroff.service shutdown.target umount.target final.target
    systemd-journald.service systemd-journald.socket)) {
    symlink "$system/$_", "$dir/units/$_" or die "$_: $!";
  }
  Crowd::spew("$dir/units/$_.target", "[Unit]\nDescription=$_\nDefaultDependencies=no\n")
    for qw(sysinit basic sockets multi-user network);
  Crowd::spew("$dir/units/test.target",
    "[Unit]\nDescription=test\nWants=systemd-journald.service sinbin-trap.service\n");
  make_path("$dir/run/systemd/journald.conf.d");
  Crowd::spew("$dir/run/systemd/journald.conf.d/test.conf",
    "[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=\n");
  my $quick = "[Service]\nRestartSec=0.3\nEnvironment=DELAY_GREET=0.3 DELAY_HELO=0.1\n";
  drop_in($_, 'quick', $quick) for 'sinbin-trap.service', 'sinbin-trap-each@.service';
  # Under the units' system call filters a sanitizer cannot look for leaks.
  drop_in($_, 'asan', "[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n")
    for grep { /^sinbin.*service$/ } map { s{.*/}{}r } @units;
}

# The key of a detector, the collector's own.
sub make_key {
  my ($uid) = Crowd::slurp("$dir/etc/passwd") =~ /^sinbin-collect:[^:]*:(\d+):/m;
  Crowd::spew("$dir/detectors/local/key.1", 'ab' x 32 . "\n");
  chmod 0400, "$dir/detectors/local/key.1";
  chown $uid, -1, "$dir/detectors/local/key.1" or die "chown: $!";
  drop_in('sinbin-collect.service', 'test', "[Service]\nEnvironment=DETECTORS=/run/test/detectors "
      . "RULES=/run/test/rules.cdb\n");
}

# The reporter's, and the rules it judges by.
sub make_rules {
  my ($uid) = Crowd::slurp("$dir/etc/passwd") =~ /^sinbin-verdicts:[^:]*:(\d+):/m;
  system("$bin/sinbin-rules -o $dir/rules.cdb rules >/dev/null") == 0 or die 'rules';
  Crowd::spew("$dir/report.key", 'ab' x 32 . "\n");
  chmod 0400, "$dir/report.key";
  chown $uid, -1, "$dir/report.key" or die "chown: $!";
  drop_in('sinbin-verdicts.service', 'test', "[Service]\nRestartSec=0.1\nEnvironment=RULES=/run/test/rules.cdb "
      . "KEYFILE=/run/test/report.key\n");
}

sub inner_init {
  my ($parent) = @_;
  for my $stat (glob '/proc/[0-9]*/stat') {
    return $1 if Crowd::slurp($stat) =~ /^(\d+) \(systemd\) \S $parent /;
  }
  return;
}

sub inside { return qx(nsenter --target $init --mount --uts --ipc --pid --cgroup $_[0] 2>&1) }
sub systemctl { return inside("systemctl --no-pager --no-ask-password $_[0]") }

sub property {
  my ($unit, $name) = @_;
  my ($value) = systemctl("show -p $name $unit") =~ /^\Q$name\E=(.*)$/m;
  return $value // '';
}

sub is_running {
  my ($unit) = @_;
  return Crowd::until_true(10, sub { property($unit, 'ActiveState') eq 'active' });
}

sub journal { return inside("journalctl --directory=/run/log/journal -q -o cat $_[0]") }

sub session_log {
  return join '', map { Crowd::slurp($_) } glob "/proc/$init/root/var/log/sinbin/sessions/{\@*,current}";
}

sub start_boot {
  $boot = Crowd::start("$dir/said", 'tests/e2e/systemd-boot', $dir, 'test.target');
  Crowd::until_true(20, sub {
    $init = inner_init($boot);
    return 1 if $init && -S "/proc/$init/root/run/systemd/private";
    return waitpid($boot, POSIX::WNOHANG()) == $boot;
  });
  return if -e "/proc/$boot" && $init;
  my $code = $? >> 8;
  undef $boot;
  return $code;
}

# Deepest first, and for a while, since the last processes are still leaving.
sub remove_cgroup {
  my $top = Crowd::slurp("$dir/cgroup");
  chomp $top;
  return 1 if $top !~ m{/sinbin-test\.\d+$};
  return Crowd::until_true(5, sub {
    my @all = ($top);
    for (my $i = 0; $i < @all; $i++) { push @all, grep { -d } glob "$all[$i]/*" }
    rmdir for reverse @all;
    return !-d $top;
  });
}

sub clean_up {
  if ($boot) {
    kill 'KILL', $init if $init;
    kill 'KILL', $boot;
    waitpid $boot, 0;
    undef $boot;
  }
  return $dir ? remove_cgroup() : 1;
}

END {
  if ($$ == $owner) { local $?; clean_up() }
}
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

prepare();

subtest 'systemd-analyze verify has nothing to say' => sub {
  local $ENV{SYSTEMD_UNIT_PATH} = "$dir/verify:";
  stage("$dir/verify", "$dir/bin");
  my @names = map { s{.*/}{}r } @units;
  my $said = join '', map { scalar qx(systemd-analyze verify --man=no $dir/verify/$_ 2>&1) } @names;
  is $said, '', scalar(@names) . ' units';
  Crowd::spew("$dir/verify/broken.service", "[Service]\nExecStart=/bin/true\nNoSuchThing=1\n");
  like qx(systemd-analyze verify --man=no $dir/verify/broken.service 2>&1), qr/NoSuchThing/,
    'but it does of a broken one';
};

is qx(systemd-sysusers --root=$dir $ENV{PWD}/service/systemd/sinbin.sysusers 2>&1 >/dev/null) =~ s/^Creating.*\n//mgr, '',
  'the users are made';
make_key();
make_rules();

my $refused = start_boot();
if (defined $refused) {
  my $why = Crowd::slurp("$dir/said");
  BAIL_OUT("systemd-boot: $why") if $refused != 77;
  diag "systemd cannot be booted here: $why";
  SKIP: { skip "systemd cannot be booted here: $why", 1 }
  done_testing;
  exit;
}

# Whoever came, by the log that should know of them.
my %expected = (journal => [], fifo => []);
my %read = (journal => sub { journal('-t sinbin-trap') }, fifo => \&session_log);

sub two_hundred_into {
  my ($log, $number, $held) = @_;
  my @crowd = ((map { "127.0.$number.$_" } 1 .. 190), ("127.0.$number.250") x 5,
    ($ipv6 ? '::1' : "127.0.$number.251") x 5);
  is Crowd::visit(25, \@crowd, $held), 200, 'two hundred clients are served';
  push @{$expected{$log}}, @crowd;
  my @want = sort @{$expected{$log}};
  is_deeply [Crowd::polite_peers(scalar @want, $read{$log})], \@want, 'two hundred whole lines';
}

sub hold_twenty {
  my @held = map { Crowd::dial("127.0.9.$_", 25) } 1 .. 20;
  is scalar(grep { Chain::expect($_, qr/^220 /m) } @held), 20, 'twenty are held';
  return @held;
}

sub stopped_sessions {
  my $lines = () = journal('-t sinbin-trap') =~ /^session1 .* peer=127\.0\.9\.\d+ .* end=stop /mg;
  return $lines;
}

sub use_drop_in {
  my ($unit, $name) = @_;
  make_path("$dir/units/$unit.d");
  copy("service/systemd/$unit.d/$name.conf", "$dir/units/$unit.d/$name.conf") or die "$name.conf: $!";
  systemctl('daemon-reload');
}

subtest 'one acceptor, lines into the journal' => sub {
  ok is_running('sinbin-trap.service'), 'it says that it is ready' or diag Crowd::slurp("$dir/console");
  two_hundred_into('journal', 1);
  like property('sinbin-trap.service', 'StatusText'), qr/^status1 held=/, 'systemctl shows the status';
  my @held = hold_twenty();
  systemctl('kill --kill-who=main --signal=KILL sinbin-trap.service');
  ok Crowd::until_true(10, sub { stopped_sessions() == 20 }), 'when it is killed, the held ones leave their lines';
  ok Crowd::until_true(10, sub { property('sinbin-trap.service', 'NRestarts') == 1 }), 'it is restarted';
  ok is_running('sinbin-trap.service'), 'and ready';
  @held = hold_twenty();
  systemctl('stop sinbin-trap.service');
  ok Crowd::until_true(10, sub { stopped_sessions() == 40 }), 'when it is stopped, the held ones leave their lines';
  is property('sinbin-trap.service', 'Result'), 'success', 'and it has ended well';
};

subtest 'one acceptor, lines through the FIFO into the log' => sub {
  use_drop_in('sinbin-trap.service', 'fifo');
  systemctl('start sinbin-sessions.service sinbin-trap.socket sinbin-trap.service');
  ok is_running('sinbin-trap.service'), 'it is ready';
  two_hundred_into('fifo', 2, sub { systemctl('kill --signal=KILL sinbin-sessions.service') });
  is property('sinbin-sessions.service', 'NRestarts'), 1, 'although the logger was killed meanwhile';
};

sub verdicts {
  my @files = glob "/proc/$init/root/var/log/sinbin/verdicts/{\@*,current}";
  return scalar(() = join('', map { Crowd::slurp($_) } @files) =~ / peer=\S+ .* seq=\d+ pos=\d+\.\d+ .*verdict=\w+$/mg);
}

# The process of a program of the unit.
sub process_of {
  my ($unit, $name) = @_;
  my $group = property($unit, 'ControlGroup') or return;
  for my $stat (glob '/proc/[0-9]*/stat') {
    my ($pid, $comm) = Crowd::slurp($stat) =~ /^(\d+) \((\S+)\)/ or next;
    return $pid if $comm eq $name && Crowd::slurp("/proc/$pid/cgroup") =~ m{\Q$group\E$}m;
  }
  return;
}

subtest 'the log of sessions is judged and reported' => sub {
  my $unit = 'sinbin-verdicts.service';
  systemctl("start $unit");
  ok Crowd::until_true(20, sub { verdicts() == 200 }), 'two hundred verdicts' or diag journal("-u $unit");
  for my $name (qw(sinbin-follow sinbin-resolve sinbin-score sinbin-report)) {
    my $restarts = property($unit, 'NRestarts');
    my $old = process_of($unit, $name);
    ok $old && kill('KILL', $old), "$name is killed";
    ok Crowd::until_true(20, sub { property($unit, 'NRestarts') > $restarts && process_of($unit, $name) }),
      'all end, and are started anew' or diag journal("-u $unit");
  }
  systemctl("stop $unit");
  is property($unit, 'Result'), 'success', 'it can be stopped';
  drop_in($unit, 'wrong', "[Service]\nEnvironment=KEYFILE=/nonexistent\n");
  systemctl('daemon-reload');
  systemctl("start $unit");
  ok Crowd::until_true(20, sub { property($unit, 'ActiveState') eq 'failed' }), 'a missing key: it fails';
  is property($unit, 'ExecMainStatus'), 100, 'with exit status 100';
  is property($unit, 'NRestarts'), 0, 'and is not started again';
};

subtest 'one unit a connection, lines into the journal' => sub {
  systemctl('start sinbin-trap-each.socket');
  is property('sinbin-trap.socket', 'ActiveState'), 'inactive', 'it takes the place of the other one';
  two_hundred_into('journal', 3);
};

subtest 'one unit a connection, lines through the FIFO into the log' => sub {
  use_drop_in('sinbin-trap-each@.service', 'fifo');
  two_hundred_into('fifo', 4);
  is systemctl('list-units --all --plain --no-legend sinbin-trap-each@*') =~ tr/\n//, 0,
    'no unit stays behind';
};

subtest 'a handler that cannot be configured' => sub {
  drop_in('sinbin-trap-each@.service', 'wrong', "[Service]\nEnvironment=DELAY_GREET=soon\n");
  systemctl('daemon-reload');
  my $client = Crowd::dial('127.0.5.1', 25);
  like Chain::expect($client, qr/\n/) // '', qr/^421 /, 'the client is told 421';
  my $count = sub { my @all = journal('-t sinbin-trap') =~ /malformed DELAY_GREET=soon/g; scalar @all };
  ok Crowd::until_true(10, $count), 'the journal is told why';
  is systemctl('list-units --all --plain --no-legend sinbin-trap-each@*') =~ tr/\n//, 0,
    'no failed unit stays behind';
  is $count->(), 1, 'it was not started again';
};

subtest 'exit 100 is not tried again, 111 is' => sub {
  systemctl('stop sinbin-trap-each.socket');
  drop_in('sinbin-trap.service', 'wrong', "[Service]\nRestartSec=0.1\nEnvironment=NOTIFY_FD=wrong\n");
  systemctl('daemon-reload');
  systemctl('start sinbin-trap.service');
  sleep 1;
  is property('sinbin-trap.service', 'ExecMainStatus'), 100, 'a malformed variable is exit 100';
  is property('sinbin-trap.service', 'ActiveState'), 'failed', 'it has failed';
  is property('sinbin-trap.service', 'NRestarts'), 0, 'and was not restarted';
  my $client = Crowd::dial('127.0.6.1', 25);
  ok Crowd::until_true(10, sub { property('sinbin-trap.socket', 'Result') eq 'service-start-limit-hit' }),
    'a client starts it again, and soon closes the port for all';
  drop_in('sinbin-trap.service', 'wrong', "[Service]\nRestartSec=0.1\nExecStart=\n"
      . "ExecStart=/run/test/bin/sinbin-listen -x /nonexistent /run/test/bin/sinbin-smtpd\n");
  systemctl('daemon-reload');
  systemctl('reset-failed');
  systemctl('start --no-block sinbin-trap.service');
  ok Crowd::until_true(10, sub { property('sinbin-trap.service', 'NRestarts') > 0 }),
    'missing rules are exit 111, and tried again';
  ok Crowd::until_true(10, sub { property('sinbin-trap.service', 'ExecMainStatus') == 111 }), 'with 111';
  systemctl('stop sinbin-trap.socket sinbin-trap.service');
};

subtest 'collector and publisher' => sub {
  systemctl('start sinbin-collect.service sinbin-publish.service');
  ok is_running($_), "$_ runs" or diag journal("-u $_") for 'sinbin-collect.service', 'sinbin-publish.service';
  my $var = "/proc/$init/root/var/lib";
  ok -s "$var/sinbin/sinbin.db", 'there is a store';
  ok Crowd::until_true(10, sub { Crowd::slurp("$var/sinbin-zones/black4.hot") =~ /^127\.0\.0\.2\b/m }),
    'and a zone, by another user';
};

subtest 'power off' => sub {
  kill POSIX::SIGRTMIN() + 4, $init;
  my $ended = Crowd::until_true(15, sub { waitpid($boot, POSIX::WNOHANG()) == $boot });
  is $?, POSIX::SIGINT(), 'it ends as process 1 of a namespace that is switched off does';
  undef $boot if $ended;
  ok clean_up(), 'nothing is left of its control groups';
};
done_testing;
