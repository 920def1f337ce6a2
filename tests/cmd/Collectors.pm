# What tests of the collector's policy share: a collector of their own, signed reports for it, and
# sinbin-detector beside it.
#
#     my $c = Collectors->new(RATE_CAP => 5);        starts it, with a store and detectors of its own
#     $c->detector('alice', weight => '0.5');       runs sinbin-detector add, and SIGHUP
#     $c->report('alice', ['192.0.2.7', 'bot'], 'fin' ...);
#     $c->run('explain', '192.0.2.7')               sinbin-detector: (exit code, output, errors)
#     $c->restart; $c->stop; $c->err; $c->sql('SELECT ...'); $c->colour('192.0.2.7')
package Collectors;
use strict;
use warnings;
use Files qw(slurp spew);
use Blake2b qw(blake2b);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use Time::HiRes qw(sleep time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $owner = $$;
my %running;
END { kill 'KILL', keys %running if %running && $$ == $owner }

sub until_true {
  my ($what, $test) = @_;
  my $until = time + 30;
  until ($test->()) {
    die "not in time: $what\n" if time > $until;
    sleep 0.01;
  }
}

sub free_port {
  my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@";
  return $socket->sockport;
}

sub new {
  my ($class, %env) = @_;
  my $self = bless { dir => tempdir('sinbin-policy-XXXXXX', TMPDIR => 1, CLEANUP => 1), port => free_port(), seq => {} },
    $class;
  $self->{env} = { LISTEN_IP => '127.0.0.1', LISTEN_PORT => $self->{port}, STORE => "$self->{dir}/store.db",
    DETECTORS => "$self->{dir}/detectors", %env };
  mkdir "$self->{dir}/detectors";
  $self->{sender} = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $self->{port}, Proto => 'udp') or die "socket: $@";
  $self->run('add', 'first');
  $self->start;
  return $self;
}

sub child {
  my ($env, $out, $err, @command) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid;
  open STDIN, '<', '/dev/null';
  open STDOUT, '>', $out or die;
  open STDERR, '>>', $err or die;
  delete @ENV{qw(RULES NOTIFY_SOCKET NOTIFY_FD LISTEN_FDS LISTEN_PID LEARNING)};
  defined $env->{$_} and $ENV{$_} = $env->{$_} for keys %$env;
  exec @command or die "exec: $!";
}

sub start {
  my ($self, %more) = @_;
  pipe my $ready, my $notify or die "pipe: $!";
  local $^F = 255;
  open my $fd, '>&', $notify or die;
  $self->{env}{$_} = $more{$_} for keys %more;
  $self->{pid} = child({ %{ $self->{env} }, NOTIFY_FD => fileno $fd }, '/dev/null', "$self->{dir}/err", "$bin/sinbin-collect");
  $running{ $self->{pid} } = 1;
  close $fd;
  close $notify;
  my $said = IO::Select->new($ready)->can_read(30) ? <$ready> // '' : '';
  die "the collector does not start: " . $self->err if $said ne "\n";
}

sub halt {
  my ($self, $signal) = @_;
  kill $signal, $self->{pid};
  waitpid $self->{pid}, 0;
  delete $running{ $self->{pid} };
  return $?;
}

sub stop { my ($self) = @_; return $self->halt('TERM') >> 8 }
sub slay { my ($self) = @_; return $self->halt('KILL') }
sub restart { my ($self, %env) = @_; $self->stop; $self->start(%env) }
sub err { my ($self) = @_; return slurp("$self->{dir}/err") }

# sinbin-detector, with the collector's environment.
sub run {
  my ($self, @args) = @_;
  my ($out, $err) = ("$self->{dir}/out", "$self->{dir}/said");
  unlink $err;
  my $pid = child($self->{env}, $out, $err, "$bin/sinbin-detector", @args);
  waitpid $pid, 0;
  return ($? & 127 ? 'signal ' . ($? & 127) : $? >> 8, slurp($out), slurp($err));
}

# The same, and the collector has taken it up.
sub order {
  my ($self, @args) = @_;
  my $had = () = $self->err =~ /info: reloaded/g;
  my ($code, $out, $err) = $self->run('-h', "kill -HUP $self->{pid}", @args);
  die "sinbin-detector @args: $code $err" if $code;
  until_true("reloaded: @args", sub { (() = $self->err =~ /info: reloaded/g) > $had });
  return $out;
}

sub detector {
  my ($self, $name, %with) = @_;
  return $self->order('add', (map { ('-' . substr($_, 0, 1), $with{$_}) } sort keys %with), $name);
}

# Counters by name; all that was taken is in the tables then.
sub counts {
  my ($self) = @_;
  my $had = () = $self->err =~ /info: datagrams/g;
  kill $_, $self->{pid} for qw(USR2 USR1);
  until_true('counters', sub { (() = $self->err =~ /info: datagrams.*\n/g) > $had });
  my ($line) = $self->err =~ /.*info: (datagrams.*)\n/s;
  return { $line =~ /([a-z-]+) (\d+)/g };
}

sub key {
  my ($self, $name, $keygen) = @_;
  return pack 'H*', slurp("$self->{env}{DETECTORS}/$name/key.$keygen") =~ s/\n//r;
}

# Reports by the detector, each [address, verdict (bot), time (now)], signed, sent and dealt with.
# Returns which counters moved.
sub report {
  my ($self, $name, @reports) = @_;
  my $keygen = ref $name ? $name->[1] : 1;
  $name = $name->[0] if ref $name;
  my $key = $self->{keys}{"$name $keygen"} //= $self->key($name, $keygen);
  my $before = $self->counts;
  my @datagrams;
  for (@reports) {
    my ($ip, $verdict, $at) = ref $_ ? @$_ : ($_);
    my $line = join ' ', 'SB1', $name, $keygen, 2000000000, ++$self->{seq}{$name}, int($at // time), $ip, $verdict // 'bot',
      14, ($verdict // 'bot') eq 'bot' ? ('fin', 'helo-bot,no-quit') : ('quit', '-'), '-';
    if (@datagrams && length("$datagrams[-1]\n$line") <= 1166) { $datagrams[-1] .= "\n$line" }
    else { push @datagrams, $line }
  }
  my ($n, $after) = (0);
  for (@datagrams) {
    $self->{sender}->send($_ . ' ' . blake2b($_, $key, 16) . "\n") // die "send: $!";
    next if ++$n % 50 && $n < @datagrams;
    until_true('datagrams', sub { $after = $self->counts; $after->{datagrams} >= $before->{datagrams} + $n });
  }
  return { map { $_ => $after->{$_} - $before->{$_} } keys %$after };
}

sub sql {
  my ($self, $sql) = @_;
  open my $out, '-|', 'sqlite3', '-readonly', '-cmd', '.timeout 5000', $self->{env}{STORE}, $sql or die "sqlite3: $!";
  local $/;
  return (readline($out) // '') =~ s/\n\z//r;
}

# Of a listing that is not over: its colour; else ''.
sub colour {
  my ($self, $ip) = @_;
  my $hex = $ip =~ /:/ ? join('', map { sprintf '%04X', hex } (split /:/, $ip)[0 .. 3]) . '0' x 16
    : sprintf '00000000000000000000FFFF%02X%02X%02X%02X', split /\./, $ip;
  $self->counts if $running{ $self->{pid} };
  return $self->sql("SELECT colour FROM listing WHERE hex(ip) = '$hex' AND until > strftime('%s') + 0");
}

1;
