#!/usr/bin/perl
# sinbin-listen with real sockets and small real handlers.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use Cwd qw(abs_path);
use Fcntl qw(F_DUPFD);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use IO::Socket::UNIX;
use POSIX qw(dup2 WNOHANG);
use Socket qw(AF_INET AF_INET6 SOCK_DGRAM SOL_SOCKET SO_LINGER SHUT_RDWR SHUT_WR);
use Test::More;
use Time::HiRes qw(sleep time);

my $program = abs_path($ENV{SINBIN_BIN} || 'bin') . '/sinbin-listen';
my $dir = tempdir(CLEANUP => 1);
my %running;
END { my $code = $?; kill KILL => keys %running if %running; $? = $code }
$SIG{PIPE} = 'IGNORE';
delete @ENV{qw(LISTEN_FDS LISTEN_PID NOTIFY_SOCKET NOTIFY_FD STRESS)};

# Handlers: the connection is descriptor 0.
spew("$dir/env.sh", 'e=$(env | LC_ALL=C sort | grep -E "^(PROTO|TCP|PEERS|RECENT|STRESS|SINBIN_PEER|LISTEN|NOTIFY|X|Y)[A-Z0-9_]*=")'
  . "\necho \"\$e\" >&0\n");
spew("$dir/hold.sh", "trap 'exit 0' TERM\necho held \$PEERS \$RECENT \${STRESS-calm} >&0\nread x <&0\nexit 0\n");
spew("$dir/first.sh", "read x <&0\necho \"\$TCPREMOTEIP \$TCPREMOTEPORT \$TCPLOCALIP \$TCPLOCALPORT \$PROTO \${SINBIN_PEER-peer} \${X-} got \$x\" >&0\n");
spew("$dir/die.sh", "read x <&0\ncase \$x in kill) kill -9 \$\$ ;; *) exit \$x ;; esac\n");
spew("$dir/deaf.sh", "trap '' TERM\necho held >&0\nread x <&0\nread x <&0\n");

# A shell that receives the signals that are blocked in handlers. A shell cannot unblock any itself.
my @open = ('env', '--default-signal=TERM,INT,HUP', 'sh');

sub listening {
  my ($host) = @_;
  return IO::Socket::IP->new(LocalHost => $host || '127.0.0.1', LocalPort => 0, Listen => 1000,
    ReuseAddr => 1) || die "listen: $@";
}

# Runs a command in a child that has exactly the descriptors given.
sub launch {
  my ($fd, $before, @command) = @_;
  my $pid = fork() // die;
  return $pid if $pid;
  my %high = map { my $f = fcntl($fd->{$_}, F_DUPFD, 50) or die; $_ => $f } keys %$fd;
  dup2($high{$_}, $_) for keys %high;
  POSIX::close($_) for 10 .. 299; # also what this test itself was started with
  $before->() if $before;
  { no warnings; exec { $command[0] } @command }
  POSIX::_exit(127);
}

my $serial = 0;
our $threads; # undefined: as many as the machine suggests

# Connections that an earlier listener left in the queue of the socket.
sub drop_waiting {
  my ($socket) = @_;
  while (IO::Select->new($socket)->can_read(0)) { close($socket->accept or last) }
}

# A subtest with one accepting thread and with several.
sub with_threads {
  my ($name, $code) = @_;
  for my $count (1, 4) {
    local $threads = $count;
    subtest "$name, -j $count" => $code;
  }
}

# Starts the listener: args, and optionally socket (descriptor 0), fd => {number => handle}, before.
sub start {
  my ($args, %o) = @_;
  my $name = "$dir/run" . ++$serial;
  pipe(my $ready, my $ready_w) or die;
  open my $null, '<', '/dev/null' or die;
  open my $out, '>', "$name.out" or die;
  open my $err, '>', "$name.err" or die;
  my %fd = (0 => $o{socket} || $null, 1 => $out, 2 => $err, 9 => $ready_w, %{ $o{fd} || {} });
  my $pid = launch(\%fd, $o{before}, @{ $o{through} || [] }, $program, '-d', 9,
    $threads ? ('-j', $threads) : (), @$args);
  $running{$pid} = 1;
  close $ready_w;
  my $text = '';
  IO::Select->new($ready)->can_read(10) and sysread $ready, $text, 10;
  return { pid => $pid, name => $name, ready => $text, out => sub { slurp("$name.out") }, err => sub { slurp("$name.err") } };
}

sub reap {
  my ($l, $seconds) = @_;
  my $until = time + ($seconds || 10);
  while (time < $until) {
    if (waitpid($l->{pid}, WNOHANG) == $l->{pid}) { delete $running{ $l->{pid} }; return $? }
    sleep 0.01;
  }
  return 'still runs';
}
sub stop { my ($l) = @_; kill TERM => $l->{pid}; return reap($l) }

# Runs to its end: exit code and stderr.
sub run {
  my ($args, %o) = @_;
  my $l = start($args, %o);
  my $status = reap($l);
  return (($status =~ /^\d+$/ ? $status >> 8 : $status), $l->{err}->());
}

sub wait_for {
  my ($what) = @_;
  my $until = time + 8;
  while (time < $until) { return 1 if $what->(); sleep 0.02 }
  return 0;
}
sub status {
  my ($l, $want) = @_;
  return wait_for(sub {
    my $before = length $l->{err}->();
    kill USR1 => $l->{pid};
    wait_for(sub { length($l->{err}->()) > $before }) or return 0;
    my ($last) = $l->{err}->() =~ /.*^(.*status1.*)$/ms;
    $l->{status} = $last // '';
    return $l->{status} =~ $want;
  });
}

sub connection {
  my ($to, $from) = @_;
  return IO::Socket::IP->new(PeerHost => $to->sockhost, PeerPort => $to->sockport, Timeout => 5,
    $from ? (LocalHost => $from) : ()) || die "connect: $@";
}
sub line {
  my ($c) = @_;
  my $text = '';
  while ($text !~ /\n/ && IO::Select->new($c)->can_read(8)) { sysread($c, $text, 1, length $text) or last }
  return $text;
}
sub all {
  my ($c) = @_;
  my $text = '';
  while (IO::Select->new($c)->can_read(8)) {
    my $got = sysread $c, $text, 4096, length $text;
    return "$text(reset)" if !defined $got;
    return $text if !$got;
  }
  return "$text(open)";
}

sub rules {
  my ($file, $text) = @_;
  open my $p, '|-', 'tcprules', $file, "$file.tmp" or die;
  print $p $text;
  close $p or die;
}

my $s = listening();
my $port = $s->sockport;

with_threads 'descriptor 0 and the environment' => sub {
  local $ENV{TCPREMOTEHOST} = 'stale';
  local $ENV{STRESS} = '1';
  local $ENV{X} = 'kept';
  my $l = start(['sh', "$dir/env.sh"], socket => $s);
  is $l->{ready}, "\n", 'newline on the notification descriptor';
  my $c = connection($s);
  my $me = $c->sockport;
  is all($c), "PEERS=1\nPROTO=TCP\nRECENT=1\nTCPLOCALIP=127.0.0.1\nTCPLOCALPORT=$port\n"
    . "TCPREMOTEIP=127.0.0.1\nTCPREMOTEPORT=$me\nX=kept\n", 'facts, and nothing of the listener\'s own';
  like all(connection($s)), qr/^RECENT=2$/m, 'a second connect within the minute';
  like all(connection($s, '127.0.0.2')), qr/^RECENT=1$/m, 'another address';
  is stop($l), 0, 'ends with 0';
  is $l->{out}->(), '', 'nothing is lost, nothing is written';
};

subtest 'LISTEN_FDS' => sub {
  my $two = listening('127.0.0.1');
  my $l = start(['sh', "$dir/env.sh"], fd => { 3 => $s, 4 => $two },
    before => sub { $ENV{LISTEN_FDS} = 2; $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDNAMES} = 'a:b' });
  for my $to ($s, $two) {
    my $p = $to->sockport;
    my $text = all(connection($to));
    like $text, qr/^TCPLOCALPORT=$p$/m, 'served';
    unlike $text, qr/^LISTEN/m, 'LISTEN_* is not handed on';
  }
  is stop($l), 0, 'ends with 0';
  my ($code, $err) = run(['true'], fd => { 3 => $s }, before => sub { $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = 1 });
  is $code, 100, 'somebody else\'s LISTEN_PID';
  like $err, qr/fatal: no socket/, 'says so';
  ($code, $err) = run(['true'], fd => { 3 => $s }, before => sub { $ENV{LISTEN_FDS} = 'x'; $ENV{LISTEN_PID} = $$ });
  is "$code $err", "100 sinbin-listen: fatal: malformed LISTEN_FDS or LISTEN_PID\n", 'malformed';
  open my $file, '<', '/dev/null';
  ($code, $err) = run(['true'], fd => { 3 => $file }, before => sub { $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$ });
  is "$code $err", "100 sinbin-listen: fatal: a descriptor of LISTEN_FDS is not a listening TCP socket\n", 'no socket';
};

subtest 'binding' => sub {
  my ($a, $b) = (listening('127.0.0.1'), listening('::1'));
  my ($four, $six) = ($a->sockport, $b->sockport);
  close $_ for $a, $b;
  my $l = start(['-b', "127.0.0.1/$four", '-b', "::1/$six", '-b', "::/$four", '-q', 77, 'sh', "$dir/env.sh"]);
  is $l->{ready}, "\n", 'three sockets; IPv6 ones do not take IPv4' or diag $l->{err}->();
  like all(IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $four)), qr/^PROTO=TCP\n.*^TCPLOCALIP=127\.0\.0\.1$/ms, 'IPv4';
  like all(IO::Socket::IP->new(PeerHost => '::1', PeerPort => $six)),
    qr/^PROTO=TCP6\n.*^TCPLOCALIP=::1\n.*^TCPREMOTEIP=::1$/ms, 'IPv6';
  my ($code, $err) = run(['-b', "127.0.0.1/$four", 'true']);
  is "$code $err", "111 sinbin-listen: fatal: unable to listen on 127.0.0.1/$four: Address already in use\n", 'in use';
  is stop($l), 0, 'ends with 0';
  my $mixed = IO::Socket::IP->new(LocalHost => '::', LocalPort => 0, Listen => 10, V6Only => 0);
  $l = start(['sh', "$dir/env.sh"], socket => $mixed);
  like all(IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $mixed->sockport)),
    qr/^PROTO=TCP\n.*^TCPLOCALIP=127\.0\.0\.1\n.*^TCPREMOTEIP=127\.0\.0\.1$/ms, 'IPv4-mapped is IPv4';
  is stop($l), 0, 'ends with 0';
};

my $busy = "421 4.7.0 Too many connections, try again later\r\n";
my $yours = "421 4.7.0 Too many connections from your address, try again later\r\n";

with_threads 'caps and stress' => sub {
  my $l = start(['-c', 10, '-4', 3, @open, "$dir/hold.sh"], socket => $s);
  my @held = map { connection($s) } 1 .. 3;
  my %said = map { line($_) => 1 } @held;
  is join('', sort keys %said), "held 1 1 calm\nheld 2 2 calm\nheld 3 3 calm\n", 'PEERS and RECENT grow';
  is all(connection($s)), $yours, 'the fourth from one address';
  kill STOP => $l->{pid};
  my $talker = connection($s);
  syswrite $talker, "EHLO early\r\n";
  kill CONT => $l->{pid};
  is all($talker), $yours, 'the line reaches one who talks at once, and no reset overtakes it';
  syswrite $held[0], "\n";
  is all($held[0]), '', 'one leaves';
  ok status($l, qr/ held=2 /), 'and is counted off';
  $held[0] = connection($s);
  like line($held[0]), qr/^held 3 6 /, 'there is room again; RECENT counts the refused';
  for my $i (1 .. 5) { push @held, connection($s, '127.0.0.' . (10 + $i)); is line($held[-1]), "held 1 1 calm\n", 'calm' }
  push @held, connection($s, '127.0.0.20');
  is line($held[-1]), "held 1 1 1\n", 'stress from nine of ten';
  push @held, connection($s, '127.0.0.21');
  is line($held[-1]), "held 1 1 1\n", 'the tenth';
  is all(connection($s, '127.0.0.22')), $busy, 'the eleventh';
  for (1 .. 2) { syswrite pop @held, "\n" }
  ok status($l, qr/ held=8 /), 'eight';
  push @held, connection($s, '127.0.0.23');
  is line($held[-1]), "held 1 1 1\n", 'still stress above seven';
  for (1 .. 2) { syswrite pop @held, "\n" }
  ok status($l, qr/ held=7 /), 'seven';
  push @held, connection($s, '127.0.0.24');
  is line($held[-1]), "held 1 1 calm\n", 'calm again';
  ok status($l, qr/ held=8 peak=10 stress=0 accepted=16 started=13 total=1 ipv4=2 net64=0 .* lost=0 /), 'counts' or diag $l->{status};
  is stop($l), 0, 'ends with 0';
  is $l->{out}->(), '', 'the held ones left in peace';
};

with_threads 'per second' => sub {
  my $l = start(['-r', 5, '-4', 0, 'true'], socket => $s);
  my @got = map { all(connection($s)) } 1 .. 12;
  my $refused = grep { $_ eq $busy } @got;
  cmp_ok $refused, '>=', 2, "some refused";
  cmp_ok $refused, '<=', 7, 'five let in each second';
  sleep 1.05;
  is all(connection($s)), '', 'and again a second later';
  stop($l);
};

with_threads 'lost lines' => sub {
  my $l = start(['sh', "$dir/die.sh"], socket => $s);
  my @port;
  for my $how ('0', '111', 'kill') {
    my $c = connection($s);
    push @port, $c->sockport;
    syswrite $c, "$how\n";
    all($c);
  }
  ok status($l, qr/ held=0 .* lost=2 unlogged=0$/), 'counted';
  # Their order is that of the threads that noticed.
  my $first = qr/lost1 at=\d+\.\d{3} peer=127\.0\.0\.1 pport=$port[1] ms=\d+ status=exit:111\n/;
  my $second = qr/lost1 at=\d+\.\d{3} peer=127\.0\.0\.1 pport=$port[2] ms=\d+ status=signal:9\n/;
  like $l->{out}->(), qr/\A(?:$first$second|$second$first)\z/, 'two lines, none for exit 0';
  stop($l);
};

with_threads 'rules' => sub {
  my $file = "$dir/rules.cdb";
  rules($file, qq(127.0.0.2:deny\n127.0.0.3:allow,X="one",Y="two words",TCPREMOTEIP="liar"\n127.1.:deny\n)
    . qq(127.2.0.0/15:allow,X="range"\n=host.example:deny\n:allow,X="all"\n));
  local $ENV{X} = 'mine';
  my $l = start(['-x', $file, 'sh', "$dir/env.sh"], socket => $s);
  like $l->{err}->(), qr/warning: \S+ rules that never match any address, the first one: =host\.example$/m, 'a rule that cannot match';
  is all(connection($s, '127.0.0.2')), '', 'denied';
  is all(connection($s, '127.1.2.3')), '', 'denied by prefix';
  like all(connection($s, '127.0.0.3')), qr/^TCPREMOTEIP=127\.0\.0\.3\n.*^X=one\nY=two words\n\z/ms, 'variables, but no facts';
  like all(connection($s, '127.3.9.9')), qr/^X=range$/m, 'a range';
  like all(connection($s)), qr/^X=all\n\z/m, 'the empty rule; one X only';
  ok status($l, qr/ denied=2 /), 'counted';
  sleep 1.05;
  rules($file, qq(:allow,X="new"\n));
  like all(connection($s, '127.0.0.2')), qr/^X=new$/m, 'replaced: read at once';
  rules($file, qq(:allow,X="newer"\n));
  kill HUP => $l->{pid};
  ok wait_for(sub { (() = $l->{err}->() =~ /reading new rules/g) >= 2 }), 'SIGHUP';
  like all(connection($s)), qr/^X=newer$/m, 'read';
  my $text = slurp($file);
  $text =~ s/\+X=newer/?X=newer/;
  spew("$file.bad", $text);
  rename "$file.bad", $file;
  sleep 1.05;
  like all(connection($s)), qr/^X=newer$/m, 'damaged: the old ones stay';
  like $l->{err}->(), qr/warning: unable to read \S+, keeping the old rules: Protocol error$/m, 'with a warning';
  unlink $file;
  sleep 1.05;
  like all(connection($s)), qr/^X=newer$/m, 'removed: the old ones stay';
  is stop($l), 0, 'ends with 0';
  my ($code, $err) = run(['-x', $file, 'true'], socket => $s);
  is "$code $err", "111 sinbin-listen: fatal: unable to read $file: No such file or directory\n", 'missing at the start';
};

# A rule for the real handler: only the peers that it names are answered at one byte a second.
with_threads 'stutter' => sub {
  my $file = "$dir/stutter.cdb";
  rules($file, qq(127.4.0.0/16:allow,STUTTER="1"\n:allow\n));
  local @ENV{qw(DELAY_GREET DELAY_HELO)} = (0, 0);
  my $l = start(['-x', $file, dirname($program) . '/sinbin-smtpd'], socket => $s);
  my @c = map { connection($s, $_) } '127.4.0.9', '127.5.0.9';
  like line($_), qr/^220-/, 'greeted' for @c;
  line($_) for @c;
  syswrite $_, "EHLO h\r\n" for @c;
  my @piece = map { my $got = ''; IO::Select->new($_)->can_read(8) and sysread $_, $got, 100; $got } @c;
  like $piece[0], qr/\A2[^\n]*\z/, 'a byte, hardly more, for the one who is named';
  like $piece[1], qr/^250 .*\r\n\z/, 'a line for another';
  is stop($l), 0, 'ends with 0';
  is((() = $l->{out}->() =~ /^session1 .* end=stop /mg), 2, 'a line of each');
};

with_threads 'PROXY' => sub {
  my $file = "$dir/proxy.cdb";
  rules($file, qq(127.0.0.9:allow,SINBIN_PROXY="1",X="proxy"\n203.0.113.:deny\n2001:db8:::allow,X="six"\n));
  my $l = start(['-x', $file, '-t', '0.8', '-p', 3, '-4', 2, '-6', 1, 'sh', "$dir/first.sh"], socket => $s);
  my $v2 = "\r\n\r\n\0\r\nQUIT\n";
  my $six = pack('H*', '20010db8000000000000000000000007') . pack('H*', '20010db8000000000000000000000019');
  my @case = (
    ['v1', "PROXY TCP4 192.0.2.7 198.51.100.5 40112 25\r\n", '192.0.2.7 40112 198.51.100.5 25 TCP env ', 1],
    ['v1 TCP6', "PROXY TCP6 2001:db8::7 2001:db8::19 1 25\r\n", '2001:db8::7 1 2001:db8::19 25 TCP6 env six'],
    ['v1 UNKNOWN', "PROXY UNKNOWN whatever\r\n", "127.0.0.9 PORT 127.0.0.1 $port TCP peer proxy"],
    ['v2', $v2 . "\x21\x11" . pack('n a4 a4 n n', 12, "\xc0\0\2\10", "\xc6\x33\x64\5", 40113, 25), '192.0.2.8 40113 198.51.100.5 25 TCP env ', 1],
    ['v2 IPv6 with extensions', $v2 . "\x21\x21" . pack('n', 36 + 300) . $six . pack('n n', 7, 25) . 'x' x 300,
      '2001:db8::7 7 2001:db8::19 25 TCP6 env six'],
    ['v2 LOCAL', $v2 . "\x20\x00\0\0", "127.0.0.9 PORT 127.0.0.1 $port TCP peer proxy"],
  );
  for my $case (@case) {
    my ($name, $header, $want, $split) = @$case;
    for my $way ($split ? ('whole', 'bytes') : 'whole') {
      my $c = connection($s, '127.0.0.9');
      my $me = $c->sockport;
      $c->setsockopt(Socket::IPPROTO_TCP(), Socket::TCP_NODELAY(), 1);
      if ($way eq 'whole') { syswrite $c, "${header}EHLO x\n" }
      else {
        for (split //, $header) { syswrite $c, $_; sleep 0.004 }
        syswrite $c, "EHLO x\n";
      }
      (my $expect = "$want got EHLO x\n") =~ s/PORT/$me/;
      is all($c), $expect, "$name, $way";
    }
  }
  my @bad = (['garbage', "EHLO x\r\n"], ['not ended', "PROXY TCP4 192.0.2.7", 1], ['v2 UDP', $v2 . "\x21\x12\0\x0c" . 'x' x 12],
    ['bad address', "PROXY TCP4 192.0.2.256 198.51.100.5 1 25\r\n"]);
  for my $bad (@bad) {
    my $c = connection($s, '127.0.0.9');
    syswrite $c, $bad->[1];
    shutdown $c, SHUT_WR if $bad->[2];
    like all($c), qr/\A(?:\(reset\))?\z/, "$bad->[0]: closed";
  }
  my $denied = connection($s, '127.0.0.9');
  syswrite $denied, "PROXY TCP4 203.0.113.5 198.51.100.5 1 25\r\n";
  is all($denied), '', 'the header\'s address is denied';
  ok status($l, qr/ denied=1 proxy=4 /), 'counted' or diag $l->{status};

  my @same = map { my $c = connection($s, '127.0.0.9'); syswrite $c, "PROXY TCP6 2001:db8:5::$_ ::1 1 25\r\n"; $c } 1 .. 2;
  ok status($l, qr/ net64=1 /), 'one /64 holds one';
  my @got = map { IO::Select->new($_)->can_read(0) ? all($_) : 'held' } @same;
  is join('', sort @got), $yours . 'held', 'the other gets the line';
  @same = ();

  my $first = connection($s, '127.0.0.9');
  syswrite $first, "PROXY TCP4 192.0.2.77 198.51.100.5 1 25\r\n";
  ok status($l, qr/ held=1 /), 'handed to its handler, which reads on';
  my $second = connection($s, '127.0.0.9');
  syswrite $second, 'PROXY TCP4 192.0.2.78 ';
  ok status($l, qr/ held=1 /), 'the next one waits';
  close $first;
  ok status($l, qr/ held=0 /), 'the first one leaves';
  syswrite $second, "198.51.100.5 1 25\r\nNOOP\n";
  like all($second), qr/^192\.0\.2\.78 .* got NOOP$/, 'which is not taken for the end of the next';

  my @slow = map { connection($s, '127.0.0.9') } 1 .. 4;
  my $begun = time;
  is all($slow[3]), $busy, 'no more than three are waited for';
  is all($slow[$_]), '', 'and not for ever' for 0 .. 2;
  cmp_ok time - $begun, '<', 5, 'in time';
  my $outsider = connection($s, '127.0.0.8');
  syswrite $outsider, "PROXY TCP4 192.0.2.7 198.51.100.5 40112 25\n";
  like all($outsider), qr/^127\.0\.0\.8 .* peer  got PROXY TCP4/, 'no other peer is believed';
  is stop($l), 0, 'ends with 0';
};

subtest 'service manager' => sub {
  my $path = "$dir/notify.sock";
  my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die $!;
  my $hear = sub { my $text; IO::Select->new($manager)->can_read(8) ? (sysread($manager, $text, 4096) && $text) : 'silence' };
  local $ENV{NOTIFY_SOCKET} = $path;
  my $l = start(['sh', "$dir/env.sh"], socket => $s);
  like $hear->(), qr/\AREADY=1\nSTATUS=status1 held=0 peak=0 /, 'READY and STATUS';
  unlike all(connection($s)), qr/NOTIFY/, 'not handed on';
  kill TERM => $l->{pid};
  like $hear->(), qr/\ASTOPPING=1\nSTATUS=status1 held=\d peak=1 /, 'STOPPING';
  is reap($l), 0, 'ends with 0';
  $ENV{NOTIFY_SOCKET} = 'relative';
  my ($code, $err) = run(['true'], socket => $s);
  is "$code $err", "100 sinbin-listen: fatal: malformed NOTIFY_SOCKET\n", 'malformed';
};

subtest 'NOTIFY_FD' => sub {
  pipe(my $r, my $w) or die;
  local $ENV{NOTIFY_FD} = 9;
  open my $null, '>', '/dev/null';
  my $pid = launch({ 0 => $s, 2 => $null, 9 => $w }, undef, $program, 'true');
  $running{$pid} = 1;
  close $w;
  my $text = '';
  sysread $r, $text, 10 if IO::Select->new($r)->can_read(8);
  is $text, "\n", 'newline';
  is stop({ pid => $pid }), 0, 'ends with 0';
};

with_threads 'the end' => sub {
  my $l = start(['-g', 1, @open, '-c', "case \$TCPREMOTEIP in 127.0.0.1) . $dir/hold.sh ;; *) . $dir/deaf.sh ;; esac"], socket => $s);
  my @held = map { connection($s, $_) } '127.0.0.1', '127.0.0.1', '127.0.0.2';
  line($_) for @held;
  my $begun = time;
  is stop($l), 0, 'ends with 0';
  cmp_ok time - $begun, '<', 5, 'bounded';
  is((() = $l->{out}->() =~ /^lost1 .*peer=127\.0\.0\.2 .*status=signal:9$/mg), 1, 'the one that ignores signals is killed and lost');
  is((() = $l->{out}->() =~ /\n/g), 1, 'the others left in peace');
  like $l->{err}->(), qr/status1 held=0 peak=3 .* lost=1 unlogged=0\n\z/, 'the last status';
  $l = start(['-g', 30, @open, "$dir/hold.sh"], socket => $s);
  my $c = connection($s);
  line($c);
  $begun = time;
  is stop($l), 0, 'ends with 0';
  cmp_ok time - $begun, '<', 5, 'as soon as the handlers have left';
};

subtest 'without a descriptor to notify' => sub {
  open my $err, '>', "$dir/plain.err";
  my $pid = launch({ 0 => $s, 2 => $err }, undef, $program, 'sh', "$dir/env.sh");
  $running{$pid} = 1;
  like all(connection($s)), qr/^PROTO=TCP$/m, 'served' for 1 .. 3;
  is stop({ pid => $pid }), 0, 'ends with 0';
  my $warning = $> ? '' : "sinbin-listen: warning: running as root, and every handler too: -u names another user\n";
  like slurp("$dir/plain.err"), qr/\A${warning}sinbin-listen: info: status1 held=0 .*\n\z/, 'nothing but the last status, and a warning to root';
};

# Makes this many connections at once. The listener is stopped meanwhile, so that all its threads are woken.
sub connect_many {
  my ($l, $count) = @_;
  kill STOP => $l->{pid};
  my @c = map { connection($s) } 1 .. $count;
  kill CONT => $l->{pid};
  return @c;
}

with_threads 'many connections at once' => sub {
  my $l = start(['-c', 40, '-4', 30, @open, "$dir/hold.sh"], socket => $s);
  my %said;
  my @c = connect_many($l, 100);
  my @held = grep { my $said = line($_); $said{$said}++; $said =~ /^held/ } @c;
  is scalar @held, 30, 'as many as may';
  is $said{$yours}, 70, 'the others are told';
  is((grep { $said{"held $_ $_ calm\n"} } 1 .. 15), 15, 'each one has its number');
  ok status($l, qr/ held=30 peak=30 stress=0 accepted=100 started=30 total=0 ipv4=70 /), 'counts' or diag $l->{status};
  push @held, map { connection($s, "127.0.1.$_") } 1 .. 10;
  like line($held[$_]), qr/^held 1 1 /, 'others' for 30 .. 39;
  is all(connection($s, '127.0.1.11')), $busy, 'full';
  my @tasks = grep { (() = grep { (readlink($_) // '') =~ /pidfd/ } glob "$_/fd/*") > 0 } glob "/proc/$l->{pid}/task/*";
  cmp_ok scalar @tasks, $threads > 1 ? '>=' : '==', $threads > 1 ? 2 : 1, 'the threads share the work';
  is stop($l), 0, 'ends with 0';
  is all($_), '', 'left in peace' for @held;
  is $l->{out}->(), '', 'nothing is lost';
};

with_threads 'the end while others come' => sub {
  my $l = start(['-4', 0, '-g', 5, 'sh', '-c', 'echo line; echo line >&0'], socket => $s);
  my $storm = fork() // die;
  if (!$storm) {
    while (1) { my $c = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Timeout => 1) or next; all($c) }
  }
  $running{$storm} = 1;
  ok wait_for(sub { (() = $l->{out}->() =~ /^line$/mg) > 20 }), 'served';
  connect_many($l, 50);
  is stop($l), 0, 'ends with 0';
  kill KILL => $storm;
  waitpid $storm, 0;
  delete $running{$storm};
  my ($accepted, $started) = $l->{err}->() =~ / held=0 .* accepted=(\d+) started=(\d+) .* fork=0 gone=0 .* lost=0 unlogged=0\n\z/;
  is $started, $accepted, 'every connection got its handler';
  is $l->{out}->(), "line\n" x $started, 'and every handler did its work';
  $s->blocking(0);
  1 while $s->accept; # those that came too late: the socket is shared with this test
  $s->blocking(1);
};

# Handlers get SIGTERM at any moment between their start and their first line.
with_threads 'the end of handlers that have just begun' => sub {
  local $ENV{DELAY_GREET} = 20;
  my ($started, $out, $err) = (0, '', '');
  for my $round (1 .. 25) {
    my $own = listening();
    my $l = start(['-g', 5, dirname($program) . '/sinbin-smtpd'], socket => $own);
    my @c = map { connection($own) } 1 .. 10;
    is stop($l), 0, 'ends with 0';
    $out .= $l->{out}->();
    $err .= $l->{err}->();
  }
  $started += $_ for $err =~ / started=(\d+) /g;
  cmp_ok $started, '>=', 150, 'many have been started';
  is((() = $out =~ /^session1 .* end=(?:stop|rst) /mg), $started, 'a session line of each');
  is((() = $out =~ /\n/g), $started, 'and no other');
};

subtest 'children get a clean start' => sub {
  spew("$dir/clean.sh", 'a=$(grep -E "^Sig(Blk|Ign)" /proc/$$/status)' . "\necho \"\$a\n\$(ulimit -n)\" >&0\nexec ls /proc/self/fd\n");
  my $l = start(['/bin/sh', "$dir/clean.sh"], socket => $s, before => sub { $SIG{HUP} = 'IGNORE' },
    through => ['/bin/sh', '-c', 'ulimit -Sn 777; exec "$@"', 'sh']);
  # Signals 32 and 33 are the C library's own: a process that inherits them ignored cannot change that.
  like all(connection($s)), qr/\ASigBlk:\t0{12}4003\nSigIgn:\t0{7}[01][08]0{7}\n777\n\z/,
    'no signal blocked but HUP, INT and TERM, none ignored, the limit as it was';
  is $l->{out}->(), "0\n1\n2\n3\n", 'three descriptors (3 is the folder that ls reads)';
  stop($l);
};

with_threads 'trouble' => sub {
  my $gone = "$dir/handler";
  spew($gone, "#!/bin/sh\nexit 0\n");
  chmod 0755, $gone;
  my $l = start([$gone], socket => $s);
  unlink $gone;
  is all(connection($s)), "421 4.7.0 Service not available, try again later\r\n", 'the handler was removed';
  like $l->{err}->(), qr/warning: unable to run the handler \(1 times\): No such file or directory$/m, 'said' if ok status($l, qr/ fork=1 /);
  is stop($l), 0, 'ends with 0';
  my ($code, $err) = run(["$dir/nothing"], socket => $s);
  is "$code $err", "111 sinbin-listen: fatal: unable to run $dir/nothing: No such file or directory\n", 'no handler at the start';
  ($code, $err) = run([$dir], socket => $s);
  is "$code $err", "111 sinbin-listen: fatal: unable to run $dir: Is a directory\n", 'a directory is not a handler';
  mkdir "$dir/folder";
  mkdir "$dir/folder/true";
  local $ENV{PATH} = "$dir/folder:$ENV{PATH}";
  $l = start(['true'], socket => $s);
  is all(connection($s)), '', 'and is passed over along PATH';
  is stop($l), 0, 'ends with 0';
};

# Seconds of the processor.
sub burnt {
  my ($l) = @_;
  my @field = split ' ', slurp("/proc/$l->{pid}/stat") =~ s/.*\) //r;
  return ($field[11] + $field[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

with_threads 'a socket that another process has shut down' => sub {
  my ($own, $other) = (listening(), listening('127.0.0.2'));
  my $where = '127.0.0.2/' . $other->sockport;
  my $l = start(['-g', 5, @open, "$dir/hold.sh"], fd => { 3 => $own, 4 => $other },
    before => sub { $ENV{LISTEN_FDS} = 2; $ENV{LISTEN_PID} = $$ });
  my @held = map { connection($_) } $own, $other;
  line($_) for @held;
  shutdown $other, SHUT_RDWR;
  my $status = reap($l);
  is $status, 111 << 8, 'ends with 111, to be started again';
  is all($_), '', 'handlers leave as at a stop' for @held;
  is $l->{out}->(), '', 'nothing is lost';
  like $l->{err}->(), qr/^sinbin-listen: fatal: the socket \Q$where\E stopped listening, exiting: Invalid argument\n[^\n]* status1 held=0 [^\n]*\n\z/m,
    'the log says why, once';
};

# Makes accept4 fail with this error in the program that is run next, by a filter of system calls.
sub break_accept {
  my ($error, $prctl, $accept4) = @_;
  my @filter = ([0x20, 0, 0, 0], [0x15, 0, 1, $accept4], [0x06, 0, 0, 0x00050000 | $error], [0x06, 0, 0, 0x7fff0000]);
  my $filter = join '', map { pack 'SCCL', @$_ } @filter;
  my $program = pack 'Sx6P', scalar @filter, $filter;
  syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $program) == 0 or die "prctl: $!";
}

# The same for socket, of one address family.
sub break_socket {
  my ($error, $family, $prctl, $socket) = @_;
  my @filter = ([0x20, 0, 0, 0], [0x15, 0, 3, $socket], [0x20, 0, 0, 16], [0x15, 0, 1, $family],
    [0x06, 0, 0, 0x00050000 | $error], [0x06, 0, 0, 0x7fff0000]);
  my $filter = join '', map { pack 'SCCL', @$_ } @filter;
  my $program = pack 'Sx6P', scalar @filter, $filter;
  syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $program) == 0 or die "prctl: $!";
}

subtest 'an address family that the system does not have' => sub {
  my %call = (x86_64 => [157, 41], aarch64 => [167, 198]);
  my $call = $call{ (POSIX::uname())[4] } or plan skip_all => 'the numbers of system calls are not known here';
  my $free = listening()->sockport;
  my @both = ('-b', "127.0.0.1/$free", '-b', "::1/$free");
  for my $error (POSIX::EAFNOSUPPORT(), POSIX::EPROTONOSUPPORT()) {
    my $l = start([@both, 'sh', "$dir/env.sh"], before => sub { break_socket($error, AF_INET6, @$call) });
    is $l->{ready}, "\n", 'no IPv6: ready' or diag $l->{err}->();
    like $l->{err}->(), qr/^sinbin-listen: warning: not listening on ::1\/$free: this system has no IPv6$/m, 'a warning';
    like all(IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $free)), qr/^PROTO=TCP$/m, 'IPv4 is served';
    is stop($l), 0, 'ends with 0';
  }
  my $l = start([@both, 'sh', "$dir/env.sh"], before => sub { break_socket(POSIX::EAFNOSUPPORT(), AF_INET, @$call) });
  is $l->{ready}, "\n", 'no IPv4: ready' or diag $l->{err}->();
  like $l->{err}->(), qr/: warning: not listening on 127\.0\.0\.1\/$free: this system has no IPv4$/m, 'a warning';
  like all(IO::Socket::IP->new(PeerHost => '::1', PeerPort => $free)), qr/^PROTO=TCP6$/m, 'IPv6 is served';
  is stop($l), 0, 'ends with 0';
  my ($code, $err) = run(['-b', "::1/$free", '-b', "::/$free", 'true'], before => sub { break_socket(POSIX::EAFNOSUPPORT(), AF_INET6, @$call) });
  is $code, 111, 'nothing else is left: exit 111';
  like $err, qr/^sinbin-listen: fatal: unable to listen on any address of -b$/m, 'it says so';
  ($code, $err) = run([@both, 'true'], before => sub { break_socket(POSIX::EMFILE(), AF_INET6, @$call) });
  is "$code $err", "111 sinbin-listen: fatal: unable to listen on ::1/$free: Too many open files\n", 'no descriptor is another matter';
  ($code, $err) = run([@both, '-b', "2001:db8::1/$free", 'true']);
  is "$code $err", "111 sinbin-listen: fatal: unable to listen on 2001:db8::1/$free: Cannot assign requested address\n",
    'so is an address of another machine';
};

with_threads 'every accept fails' => sub {
  my %call = (x86_64 => [157, 288], aarch64 => [167, 242]);
  my $call = $call{ (POSIX::uname())[4] } or plan skip_all => 'the numbers of system calls are not known here';
  my %no_room = map { $_ => 1 } POSIX::EMFILE(), POSIX::ENFILE(), POSIX::ENOMEM(), POSIX::ENOBUFS();
  for my $error (POSIX::EACCES(), POSIX::ECONNABORTED(), POSIX::EOPNOTSUPP(), keys %no_room) {
    my $own = listening();
    my $l = start(['true'], socket => $own, before => sub { break_accept($error, @$call) });
    is $l->{ready}, "\n", 'ready';
    my $c = connection($own);
    my $text = do { local $! = $error; "$!" };
    ok wait_for(sub { $l->{err}->() =~ /^sinbin-listen: warning: unable to accept \(\d+ times\): \Q$text\E$/m }), "$text: said";
    my $before = burnt($l);
    sleep 1;
    cmp_ok burnt($l) - $before, '<', 0.1, 'it pauses';
    my $gone = $no_room{$error} ? qr/0/ : qr/[1-9]\d*/;
    ok status($l, qr/ accepted=0 .* gone=$gone pause=[1-9]/), 'and counts' or diag $l->{status};
    is stop($l), 0, 'it lives, and ends with 0';
  }
};

subtest 'dropping privileges' => sub {
  plan skip_all => 'not root' if $>;
  my $l = start(['-u', '65534:65533', 'sh', '-c', 'a=$(id -u; id -G); echo $a >&0'], socket => $s);
  is all(connection($s)), "65534 65533\n", 'user and group, no others';
  is $l->{err}->(), '', 'no warning';
  is stop($l), 0, 'ends with 0';
};

with_threads 'a stalled logger' => sub {
  pipe(my $r, my $w) or die;
  my $was = fcntl($w, Fcntl::F_GETFL(), 0);
  my $l = start(['-4', 0, 'sh', '-c', 'exit 7'], socket => $s, fd => { 1 => $w });
  syswrite $w, "\n" x 4096 for 1 .. 16; # the pipe is full now
  all(connection($s)) for 1 .. 3;
  ok status($l, qr/ held=0 .* lost=3 unlogged=0$/), 'nothing blocks, nothing is dropped';
  ok !(fcntl($w, Fcntl::F_GETFL(), 0) & Fcntl::O_NONBLOCK()), 'the pipe is left blocking for the handlers';
  my $text = '';
  while ($text !~ /(?:lost1 .*\n){3}/ && IO::Select->new($r)->can_read(8)) { sysread($r, $text, 65536, length $text) or last }
  like $text, qr/\A\n+(?:lost1 .* status=exit:7\n){3}\z/, 'the lines follow when the pipe is read';
  close $_ for $r, $w;
  all(connection($s)) for 1 .. 2;
  ok status($l, qr/ lost=5 /), 'a logger that died does not kill it';
  is stop($l), 0, 'ends with 0';
};

# Pipes that take nothing more.
sub fill {
  my ($w) = @_;
  syswrite $w, "\n" x 4096 while IO::Select->new($w)->can_write(0);
}
sub full_pipe {
  pipe(my $r, my $w) or die;
  fill($w);
  return ($r, $w);
}
sub empty_pipe {
  my ($r) = @_;
  my $text = '';
  while (IO::Select->new($r)->can_read(1)) { sysread($r, $text, 65536, length $text) or last }
  return $text;
}

with_threads 'a lost line that a full pipe did not take' => sub {
  my ($r, $w) = full_pipe();
  my $l = start(['sh', '-c', 'exit 7'], socket => $s, fd => { 1 => $w });
  all(connection($s));
  sleep 0.5;
  my $text = '';
  sysread $r, $text, 65536;
  IO::Select->new($r)->can_read(8) and sysread $r, $text, 65536, length $text;
  like $text, qr/\A\n+lost1 .* status=exit:7\n\z/, 'follows when there is room, and nothing else happens';
  is stop($l), 0, 'ends with 0';
};

with_threads 'a logger that has stopped is reported' => sub {
  my ($r, $w) = full_pipe();
  my $l = start(['-c', 3, '-4', 0, 'sh', '-c', 'echo line'], socket => $s, fd => { 1 => $w });
  my @held = map { connection($s) } 1 .. 3;
  ok status($l, qr/ held=3 /), 'handlers that are done are held';
  is all(connection($s)), $busy, 'and all places are taken';
  my $said = qr/^sinbin-listen: warning: descriptor 1 has taken no lines for 3 seconds: the logger has stopped or is too slow, and finished handlers wait for it \(3 connections are held\)$/m;
  ok wait_for(sub { $l->{err}->() =~ $said }), 'the log says why' or diag $l->{err}->();
  sleep 2.2;
  is((() = $l->{err}->() =~ /has taken no lines/g), 1, 'once in ten seconds');
  ok status($l, qr/ stalled=[3-9] /), 'and it is counted' or diag $l->{status};
  like empty_pipe($r), qr/\A\n+(?:line\n){3}\z/, 'no line is lost';
  ok wait_for(sub { $l->{err}->() =~ /info: descriptor 1 takes lines again, after \d+ seconds$/m }), 'the end of it is said, too';
  ok status($l, qr/ held=0 /), 'service again';
  my ($stalled) = $l->{status} =~ / stalled=(\d+) /;
  sleep 1.5;
  ok status($l, qr/ stalled=$stalled /), 'and counted no more';
  is stop($l), 0, 'ends with 0';
};

with_threads 'a logger that has stopped and takes the diagnostics, too' => sub {
  pipe(my $r, my $w) or die;
  drop_waiting($s);
  my $l = start(['-g', 1, '-4', 0, 'sh', '-c', 'echo line'], socket => $s, fd => { 1 => $w, 2 => $w });
  is $l->{ready}, "\n", 'ready';
  fill($w);
  my @held = map { connection($s) } 1 .. 2;
  kill USR1 => $l->{pid};
  sleep 4.5;
  push @held, connection($s);
  my $text = '';
  sysread $r, $text, 65536;
  $text .= empty_pipe($r);
  is((() = $text =~ /^line$/mg), 3, 'no line is lost') or diag $text;
  like $text, qr/ info: status1 held=/, 'the status that was asked for follows';
  fill($w);
  my $last = connection($s);
  kill USR1 => $l->{pid};
  is stop($l), 0, 'it can be stopped while its output is not read';
};

with_threads 'errors while diagnostics are not read' => sub {
  my $gone = "$dir/handler";
  spew($gone, "#!/bin/sh\nexit 0\n");
  chmod 0755, $gone;
  pipe(my $r, my $w) or die;
  my $l = start([$gone], socket => $s, fd => { 2 => $w });
  is $l->{ready}, "\n", 'ready';
  unlink $gone;
  fill($w);
  like all(connection($s)), qr/^421 /, 'the handler was removed' for 1 .. 3;
  sleep 0.5;
  empty_pipe($r);
  like all(connection($s)), qr/^421 /, 'once more';
  like empty_pipe($r), qr/\Asinbin-listen: warning: unable to run the handler \(4 times\): No such file or directory\n\z/,
    'are counted, and reported when they are';
  is stop($l), 0, 'ends with 0';
};

subtest 'lines into a file' => sub {
  my $file = "$dir/lines";
  spew($file, "before\n");
  open my $out, '>>', $file or die;
  my $l = start(['sh', '-c', 'exit 7'], socket => $s, fd => { 1 => $out });
  all(connection($s));
  ok status($l, qr/ lost=1 unlogged=0$/), 'a lost line';
  like slurp($file), qr/\Abefore\nlost1 .* status=exit:7\n\z/, 'after what was there';
  is stop($l), 0, 'ends with 0';
};

subtest 'closed descriptors' => sub {
  my $address = '127.0.0.1/' . do { my $free = listening(); $free->sockport };
  for my $close (['<&-', 'input'], ['2>&-', 'diagnostics'], ['<&- 2>&-', 'both']) {
    my $l = start(['-b', $address, 'sh', "$dir/env.sh"], through => ['/bin/sh', '-c', "exec \"\$\@\" $close->[0]", 'sh']);
    is $l->{ready}, "\n", "$close->[1]: ready";
    my ($port) = $address =~ m{/(\d+)};
    like all(IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port)), qr/^PROTO=TCP$/m, 'served';
    is stop($l), 0, 'ends with 0';
  }
  my ($code) = run(['-b', $address, 'true'], through => ['/bin/sh', '-c', 'exec "$@" >&-', 'sh']);
  is $code, 100, 'output: exit 100';
};

subtest 'few descriptors' => sub {
  open my $err, '>', "$dir/few.err";
  pipe(my $r, my $w) or die;
  my $pid = launch({ 0 => $s, 2 => $err, 9 => $w }, undef, '/bin/sh', '-c',
    "ulimit -n 24; exec $program -d 9 -4 0 -p 1 sh $dir/hold.sh");
  $running{$pid} = 1;
  close $w;
  IO::Select->new($r)->can_read(8);
  like slurp("$dir/few.err"), qr/warning: at most 1 connections: the limit of open files allows no more/, 'the cap is lowered';
  is stop({ pid => $pid }), 0, 'ends with 0';
};

subtest 'few threads' => sub {
  plan skip_all => 'not root' if $>;
  local $ENV{ASAN_OPTIONS} = 'detect_leaks=0'; # which takes a thread of its own
  my $l = start(['-u', '61237:61237', '-j', 6, 'true'], socket => $s,
    through => ['prlimit', '--nproc=4:4']);
  is $l->{ready}, "\n", 'ready all the same';
  like $l->{err}->(), qr/warning: started only \d+ of \d+ accepting threads: Resource temporarily unavailable$/m, 'with a warning';
  is((() = glob "/proc/$l->{pid}/task/*"), 4, 'as many as are allowed');
  is stop($l), 0, 'ends with 0';
};

subtest 'usage' => sub {
  my @row = (
    [[], 'usage'], [['-Z', 'true'], 'usage'], [['-b'], 'usage'],
    [['-b', '127.0.0.1', 'true'], 'malformed option -b 127.0.0.1: want ADDRESS/PORT'],
    [['-b', 'localhost/25', 'true'], 'malformed option -b localhost/25'],
    [['-b', '127.0.0.1/65536', 'true'], 'malformed option -b'],
    [['-b', '::ffff:127.0.0.1/25', 'true'], 'malformed option -b'],
    [['-c', '0', 'true'], 'malformed option -c 0: want connections, 1 to 1000000'],
    [['-c', '4k', 'true'], 'malformed option -c'], [['-4', '-1', 'true'], 'malformed option -4'],
    [['-6', '', 'true'], 'malformed option -6'], [['-r', '1.5', 'true'], 'malformed option -r'],
    [['-n', 'x', 'true'], 'malformed option -n x: want connections, 0 to 1000000'],
    [['-m', '1.5', 'true'], 'malformed option -m'], [['-M', '1000001', 'true'], 'malformed option -M'],
    [['-q', '0', 'true'], 'malformed option -q'], [['-g', 'x', 'true'], 'malformed option -g'],
    [['-i', '86401', 'true'], 'malformed option -i'], [['-p', '0', 'true'], 'malformed option -p'],
    [['-t', '0', 'true'], 'malformed option -t'], [['-x', '', 'true'], 'malformed option -x'],
    [['-u', '0:0', 'true'], 'malformed option -u'], [['-u', '1000', 'true'], 'malformed option -u'],
    [['-j', '0', 'true'], 'malformed option -j 0: want threads, 1 to 16'], [['-j', '17', 'true'], 'malformed option -j'],
  );
  for my $row (@row) {
    my ($args, $want) = @$row;
    open my $null, '<', '/dev/null';
    my ($r, $w);
    pipe $r, $w;
    my $pid = launch({ 0 => $null, 2 => $w }, undef, $program, @$args);
    close $w;
    local $/;
    my $said = <$r>;
    waitpid $pid, 0;
    is $? >> 8, 100, "exit 100: @$args";
    like $said, qr/\Asinbin-listen: (fatal: )?\Q$want\E/, 'names it';
  }
};

done_testing;
