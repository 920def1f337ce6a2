#!/usr/bin/perl
# The trap under every acceptor but a booted systemd, with the scripts of service/ as they are but for
# paths, ports and users: sinbin-listen, tcpserver, inetd, systemd-socket-activate. Two hundred clients
# are held at once, and leave two hundred whole lines.
use strict;
use warnings;
use lib 'tests/e2e';
use Crowd;
use Cwd qw(abs_path);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $top = abs_path('.');
my $dir = tempdir('sinbin-activation-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $ipv6 = Crowd::slurp('/proc/net/if_inet6') =~ /^0{31}1 /m;
my ($user) = getpwuid $>;
my @peers = (map({ "127.0.0.$_" } $ipv6 ? (11 .. 200) : (11 .. 210)), $ipv6 ? ('::1') x 10 : ());
my @peers4 = map { "127.0.0.$_" } 11 .. 210;
my @peers6 = ('::1') x 200;
my %running;

$ENV{PATH} = "$bin:$ENV{PATH}:/usr/sbin:/sbin";
$ENV{DELAY_GREET} = '0.2';
$ENV{DELAY_HELO} = '0.1';

# Ends what still runs, too, when a test dies.
END {
  local $?;
  Crowd::end($_, 'KILL') for keys %running;
}

sub have {
  my ($name) = @_;
  return scalar grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

sub run {
  my ($log, @command) = @_;
  my $pid = Crowd::start($log, @command);
  $running{$pid} = 1;
  return $pid;
}

sub end {
  my ($pid, $signal) = @_;
  delete $running{$pid};
  return Crowd::end($pid, $signal);
}

# A copy of a service directory, with other values in its env directories.
sub service {
  my ($name, %value) = @_;
  my $to = "$dir/" . $name =~ tr{/}{-}r;
  system('cp', '-R', "$top/service/$name", $to) == 0 or die "service/$name";
  Crowd::spew("$to/$_", "$value{$_}\n") for keys %value;
  return $to;
}

# A run script is started in its directory, as a supervisor does; what goes to its standard error is the
# supervisor's.
sub run_service {
  my ($path, $log) = @_;
  return run($log, 'sh', '-c', 'cd "$1" && exec ./run 2>>"$2"', 'sh', $path, "$dir/supervisor");
}

sub lines_are {
  my ($want, $read, $name) = @_;
  my @want = sort @$want;
  is_deeply [Crowd::polite_peers(scalar @want, $read)], \@want, $name // 'and left as many whole lines';
}

sub all_are_served {
  my ($port, $from, $held) = @_;
  is Crowd::visit($port, $from, $held), scalar @$from, @$from . ' clients were served';
}

# The pipe between a service and its logger, as the supervisor makes it: starts the logger in the
# directory and returns its process and where to write.
sub run_logger {
  my ($path) = @_;
  pipe my $from, my $to or die "pipe: $!";
  my $logger = fork // die "fork: $!";
  if (!$logger) {
    close $to;
    open STDIN, '<&', $from or die;
    chdir $path or die;
    exec './run' or die "log/run: $!";
  }
  $running{$logger} = 1;
  return ($logger, $to);
}

# Programs where any user can run them.
sub public_programs {
  my $to = "$dir/bin";
  make_path($to);
  system('cp', "$bin/sinbin-listen", "$bin/sinbin-smtpd", $to) == 0 or die 'cp';
  system('chmod', '-R', 'a+rX', $dir) == 0 or die 'chmod';
  return $to;
}

# A root directory with the handler alone, where it needs no others: nothing where it is no static program.
sub root_of_its_own {
  return () if $> || Crowd::slurp("$bin/sinbin-smtpd") =~ m{/ld-(?:linux|musl)};
  my $root = "$dir/root";
  make_path("$root/bin");
  system('cp', "$bin/sinbin-smtpd", "$root/bin") == 0 or die 'cp';
  return $root;
}

subtest 'sinbin-listen: the run script of service/s6/trap' => sub {
  my $port = Chain::free_port('tcp');
  my $log = "$dir/trap.log";
  my ($root) = root_of_its_own();
  local $ENV{PATH} = public_programs() . ":$ENV{PATH}:/bin";
  # Another's user and group in the environment are not meant.
  local @ENV{qw(UID GID)} = (12345, 12345);
  my @drop = $> == 0 ? ('env/DROP' => 's6-envuidgid nobody') : ();
  my $service = service('s6/trap', 'env/ADDRESS' => '127.0.0.1', 'env/ADDRESS6' => $ipv6 ? '::1' : '',
    'env/PORT' => $port, 'env/LIMIT' => 201, 'env/LIMIT_IPV4' => 2, 'env/LIMIT_NET64' => 10, 'env/RATE' => 0,
    'env/BACKLOG' => 300, 'env/GRACE' => 5, 'env/THREADS' => 3, @drop,
    $root ? ('env/ROOT' => $root) : ());
  my $server = run($log, 'sh', '-c', 'cd "$1" && exec ./run 3>"$2"', 'sh', $service, "$dir/trap.ready");
  ok Crowd::until_true(10, sub { Crowd::slurp("$dir/trap.ready") eq "\n" }), 'it says when it is ready';
  all_are_served($port, \@peers, sub {
    is scalar(() = glob "/proc/$server/task/*"), 4, 'three threads accept, one looks after them';
    my ($uid) = Crowd::slurp("/proc/$server/status") =~ /^Uid:\s+(\d+)/m;
    is $uid, @drop ? (getpwnam 'nobody')[2] : $>, 'as the user it was given';
    is readlink "/proc/$server/root", $root, 'and in the root it was given' if $root;
    my @spare = map { Crowd::dial('127.0.0.9', $port) } 1, 2, 3;
    like Chain::expect($spare[2], qr/\n/) // '', qr/^421 /, 'over the limits a client is told so';
  });
  lines_are(\@peers, sub { Crowd::slurp($log) });
  is end($server), 0, 'SIGTERM ends it';
  my $counts = join ' ', Crowd::slurp($log) =~ /(total=\d+ ipv4=\d+ net64=\d+|lost=\d+)/g;
  is $counts, 'total=2 ipv4=0 net64=0 lost=0', 'it counted them';
};

for my $address ('127.0.0.1', $ipv6 ? ('0', '::1') : ()) {
  subtest "tcpserver on $address: the run scripts of service/tcpserver" => sub {
    plan skip_all => 'tcpserver is not installed' if !have('tcpserver');
    my $port = Chain::free_port('tcp');
    my $out = "$dir/tcpserver.$port";
    my $service = service('tcpserver', 'env/ADDRESS' => $address, 'env/PORT' => $port,
      'log/env/LOGDIR' => "$out.log");
    my ($logger, $to) = run_logger("$service/log");
    my $server = run_service($service, '/dev/fd/' . fileno_for_child($to));
    close $to;
    my @from = @{ { '::1' => \@peers6, 0 => \@peers }->{$address} // \@peers4 };
    ok Crowd::listens($address eq '127.0.0.1' ? $address : '::1', $port), 'it listens';
    all_are_served($port, \@from);
    lines_are(\@from, sub { Crowd::slurp("$out.log/current") });
    end($server);
    is end($logger, 'CONT'), 0, 'the logger ends with it';
    system('rm', '-rf', $service);
  };
}

# Perl closes what is above 2 on exec.
sub fileno_for_child {
  my ($handle) = @_;
  require Fcntl;
  fcntl $handle, Fcntl::F_SETFD(), 0 or die "fcntl: $!";
  return fileno $handle;
}

subtest 'inetd: the configuration and run scripts of service/inetd' => sub {
  plan skip_all => 'openbsd-inetd is not installed' if !have('inetd');
  my $port = Chain::free_port('tcp');
  my $fifo = "$dir/sessions.fifo";
  my $text = Crowd::slurp('service/inetd/inetd.conf');
  my ($line) = $text =~ /^smtp\t(.*)$/m or die 'no line in inetd.conf';
  $line =~ s{\tsinbin\t/usr/local/bin/}{\t$user\t$bin/} or die "unexpected: $line";
  Crowd::spew("$dir/inetd.conf", "127.0.0.1:$port\t$line\n" . ($ipv6 ? "[::1]:$port\t$line\n" : ''));
  make_path("$dir/inetd.log");
  my $inetd = service('inetd/inetd', 'env/CONFIG' => "$dir/inetd.conf", 'env/SINBIN_LOG' => $fifo);
  my $reader = service('inetd/sessions', 'env/FIFO' => $fifo, 'env/LOGDIR' => "$dir/inetd.log");
  my $log = run_service($reader, "$dir/inetd.said");
  ok Crowd::until_true(10, sub { -p $fifo }), 'the reader makes the FIFO';
  my $server = run_service($inetd, "$dir/inetd.said");
  ok Crowd::listens('127.0.0.1', $port), 'inetd listens' or diag Crowd::slurp("$dir/inetd.said");
  my $logged = sub { join '', map { Crowd::slurp($_) } glob "$dir/inetd.log/{\@*,current}" };
  all_are_served($port, \@peers);
  lines_are(\@peers, $logged);
  all_are_served($port, \@peers4, sub { end($log, 'KILL') });
  $log = run_service($reader, "$dir/inetd.said");
  lines_are([@peers, @peers4], $logged, 'no line is lost when their reader is killed meanwhile');
  end($server);
  end($log);
  is Crowd::slurp("$dir/inetd.said"), '', 'nobody complained';
};

subtest 'inetd without a place for the line' => sub {
  plan skip_all => 'openbsd-inetd is not installed' if !have('inetd');
  my $port = Chain::free_port('tcp');
  Crowd::spew("$dir/bare.conf", "127.0.0.1:$port stream tcp nowait $user $bin/sinbin-smtpd sinbin-smtpd\n");
  my $server = run("$dir/bare.said", 'inetd', '-i', "$dir/bare.conf");
  ok Crowd::listens('127.0.0.1', $port), 'inetd listens';
  my $client = Crowd::dial('127.0.0.11', $port);
  my $said = Chain::expect($client, qr/\n/, 10);
  like $said // '', qr/\A421 [^\n]*\n\z/, 'the client is told 421, and no diagnostics';
  ok !defined Chain::expect($client, qr/./, 2), 'and nothing else';
  end($server);
};

for my $host ('127.0.0.1', $ipv6 ? '[::1]' : ()) {
  my $bare = $host =~ tr/[]//dr;
  my @from = $bare eq '::1' ? @peers6 : @peers4;

  subtest "systemd-socket-activate on $host, a handler each" => sub {
    plan skip_all => 'systemd is not installed' if !have('systemd-socket-activate');
    my $port = Chain::free_port('tcp');
    my $log = "$dir/activate.$port";
    # It hands on only what it is told to, and runs the handler by its path.
    my $server = run($log, 'systemd-socket-activate', '-l', "$host:$port", '-a', '--inetd',
      map({ ('-E', $_) } qw(DELAY_GREET DELAY_HELO ALLOW_ROOT)), "$bin/sinbin-smtpd");
    ok Crowd::listens($bare, $port), 'it listens';
    all_are_served($port, \@from);
    lines_are(\@from, sub { Crowd::slurp($log) });
    end($server);
  };

  subtest "systemd-socket-activate on $host, sinbin-listen for all" => sub {
    plan skip_all => 'systemd is not installed' if !have('systemd-socket-activate');
    my $port = Chain::free_port('tcp');
    my $log = "$dir/listen.$port";
    my $server = run($log, 'systemd-socket-activate', '-l', "$host:$port",
      map({ ('-E', $_) } qw(DELAY_GREET DELAY_HELO ALLOW_ROOT)), "$bin/sinbin-listen", '-6', 0, "$bin/sinbin-smtpd");
    ok Crowd::listens($bare, $port), 'it listens';
    all_are_served($port, \@from);
    lines_are(\@from, sub { Crowd::slurp($log) });
    is end($server), 0, 'SIGTERM ends it';
    my $accepted = @from;
    like Crowd::slurp($log), qr/status1 .* accepted=$accepted .* lost=0 /, 'it counted them';
  };
}

is Crowd::slurp("$dir/supervisor"), '', 'no run script complained to its supervisor';
done_testing;
