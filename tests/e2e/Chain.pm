package Chain;

# The whole chain under package/run, for tests: started in a directory and on ports of its own,
# stopped when the object goes. Clients bind loopback addresses of their own choice.

use strict;
use warnings;

# The tests may run as root, which the daemons refuse unless told.
$ENV{ALLOW_ROOT} //= 1;
use Cwd qw(abs_path);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use Socket qw(SOL_SOCKET SO_REUSEADDR);
use Time::HiRes qw(sleep time);

sub free_port {
  my ($proto) = @_;
  my $s = IO::Socket::IP->new(
    LocalHost => '127.0.0.1', LocalPort => 0, Proto => $proto,
    ($proto eq 'tcp' ? (Listen => 1) : ())) or die "no free port: $@";
  return $s->sockport;
}

# env: values for the trap's environment.
sub new {
  my ($class, %env) = @_;
  my $self = bless {
    var => tempdir('sinbin-e2e-XXXXXX', TMPDIR => 1, CLEANUP => 1),
    smtp => free_port('tcp'), collect => free_port('udp'), dns => free_port('udp'),
    bin => abs_path($ENV{SINBIN_BIN} || 'bin'), owner => $$,
  }, $class;
  chmod 0755, $self->{var}; # the services have users of their own
  make_path("$self->{var}/trap.env");
  for my $name (keys %env) {
    open my $out, '>', "$self->{var}/trap.env/$name" or die "$name: $!";
    print $out "$env{$name}\n";
    close $out;
  }
  return $self;
}

sub environment {
  my ($self) = @_;
  return (SINBIN_VAR => $self->{var}, SINBIN_SMTP_PORT => $self->{smtp},
    SINBIN_COLLECT_PORT => $self->{collect}, SINBIN_DNS_PORT => $self->{dns},
    SINBIN_BIN => $self->{bin});
}

# Starts package/run; true once it says that it runs. What it printed is in $self->{said}.
sub start {
  my ($self) = @_;
  pipe my $read, my $write or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    my %env = $self->environment;
    $ENV{$_} = $env{$_} for keys %env;
    $SIG{INT} = 'DEFAULT'; # whoever runs the tests in the background may have it ignored
    open STDOUT, '>&', $write or die;
    open STDERR, '>&', $write or die;
    exec 'sh', 'package/run' or die "exec: $!";
  }
  close $write;
  $self->{pid} = $pid;
  $self->{said} = '';
  my $until = time + 60;
  while (time < $until) {
    IO::Select->new($read)->can_read(1) or next;
    sysread($read, my $piece, 4096) or last;
    $self->{said} .= $piece;
    if ($self->{said} =~ /Ctrl-C stops everything/) {
      $self->{out} = $read;
      return 1;
    }
  }
  return 0;
}

# Ends package/run by the signal; returns its exit code.
sub stop {
  my ($self, $signal) = @_;
  my $pid = delete $self->{pid} or return;
  kill $signal // 'TERM', $pid;
  waitpid $pid, 0;
  my $status = $?;
  return $status & 127 ? "signal $status" : $status >> 8;
}

sub DESTROY {
  my ($self) = @_;
  local ($?, $!);
  $self->stop if $$ == $self->{owner};
}

sub connect {
  my ($self, $from) = @_;
  my $to = $from =~ /:/ ? '::1' : '127.0.0.1';
  my $s = IO::Socket::IP->new(PeerHost => $to, PeerPort => $self->{smtp}, LocalHost => $from,
    Proto => 'tcp', Timeout => 10) or die "connect from $from: $@";
  $s->autoflush(1);
  return $s;
}

# Reads replies until a line matches; returns what was read, or undef after the time.
sub expect {
  my ($s, $pattern, $seconds) = @_;
  my ($got, $until) = ('', time + ($seconds // 15));
  while (time < $until) {
    IO::Select->new($s)->can_read($until - time) or last;
    sysread($s, my $piece, 4096) or last;
    $got .= $piece;
    return $got if $got =~ $pattern;
  }
  return undef;
}

sub dig {
  my ($self, $name, $type) = @_;
  my $out = `dig +tries=2 +time=2 \@127.0.0.1 -p $self->{dns} $name $type 2>&1`;
  my ($status) = $out =~ /status: (\w+)/;
  my @answers = $out =~ /^\Q$name\E\.\s+\d+\s+IN\s+$type\s+(.*)$/mg;
  return wantarray ? ($status // 'none', sort @answers) : ($status // 'none');
}

sub reversed { join '.', reverse split /\./, $_[0] }

# The judged lines of sessions from an address, newest last; waits for the first.
sub sessions {
  my ($self, $peer, $seconds) = @_;
  my $until = time + ($seconds // 5);
  for (;;) {
    my @lines = grep { / peer=\Q$peer\E / } $self->log('verdicts');
    return @lines if @lines || time > $until;
    sleep 0.05;
  }
}

sub log {
  my ($self, $name) = @_;
  my @lines;
  for my $file (sort(glob "$self->{var}/log/$name/\@*"), "$self->{var}/log/$name/current") {
    open my $in, '<', $file or next;
    push @lines, <$in>;
  }
  chomp @lines;
  return @lines;
}

1;
