package Handler;

# sinbin-smtpd on one end of a real connection, for tests: started with the descriptors and the
# environment that a test wants, spoken to, and played a transcript.
#
# A transcript is lines: E NAME=VALUE sets its environment; C sends a line and X bytes in hexadecimal;
# S is a line that must come, S alone the end; ! does something (close, reset, shutdown, stop, wait
# SECONDS); L is the session line without what differs from run to run. Other letters are the test's.

use strict;
use warnings;

# The tests may run as root, which the daemons refuse unless told.
$ENV{ALLOW_ROOT} //= 1;
use Exporter 'import';
use Test::More;
use IO::Select;
use List::Util qw(max);
use IO::Socket::IP;
use POSIX qw(:sys_wait_h);
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF SO_SNDBUF);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(pair start line_from reply slurp ended hard_close transcript without_filter diagnostics);

my $program = ($ENV{SINBIN_BIN} || 'bin') . '/sinbin-smtpd';
my $patience = 20;
$SIG{PIPE} = 'IGNORE';
delete @ENV{qw(PROTO TCPREMOTEIP TCPREMOTEPORT TCPLOCALIP TCPLOCALPORT SINBIN_LOG SINBIN_PEER)};

my %quick = (DELAY_GREET => 0.05, DELAY_HELO => 0.02, DELAY_MAIL => 0.02, DELAY_RCPT => 0.02,
             DELAY_DATA => 0.05);
my $listener = IO::Socket::IP->new(Listen => 300, LocalAddr => '127.0.0.1', LocalPort => 0)
  or BAIL_OUT("no listening socket: $@");

sub pair {
    my ($small) = @_;
    my $client = IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport)
      or die "connect: $@";
    my $server = $listener->accept or die "accept: $!";
    if ($small) {
        setsockopt($client, SOL_SOCKET, SO_RCVBUF, 1);
        setsockopt($server, SOL_SOCKET, SO_SNDBUF, 1);
    }
    $client->autoflush(1);
    return ($client, $server);
}

# Starts a handler. Options: program, env, args, fd0, fd1, fd2 (handles). What it returns for a pipe made here
# is the reading end.
sub start {
    my (%o) = @_;
    my %h;
    my ($client, $server) = $o{fd0} ? () : pair($o{small});
    my ($out, $err);
    $h{client} = $client;
    pipe($h{out}, $out) or die unless $o{fd1};
    pipe($h{err}, $err) or die unless $o{fd2};
    $h{pid} = fork // die "fork: $!";
    if (!$h{pid}) {
        my %env = (%quick, %{ $o{env} || {} });
        defined $env{$_} ? ($ENV{$_} = $env{$_}) : delete $ENV{$_} for keys %env;
        my $in = $o{fd0} || $server;
        my $fd1 = $o{fd1} ? ($o{fd1} eq 'connection' ? $in : $o{fd1}) : $out;
        my $fd2 = $o{fd2} ? ($o{fd2} eq 'connection' ? $in : $o{fd2}) : $err;
        my @wanted = map { fileno $_ } $in, $fd1, $fd2;
        my $above = 1 + max(@wanted);
        POSIX::dup2($wanted[$_], $above + $_) for 0 .. 2;
        POSIX::dup2($above + $_, $_) for 0 .. 2;
        POSIX::close($_) for 3 .. $above + 2;
        $SIG{PIPE} = 'DEFAULT';
        my $run = $o{program} || $program;
        exec { $run } $run, @{ $o{args} || [] } or POSIX::_exit(126);
    }
    close $_ for grep { $_ } $server, $out, $err;
    return \%h;
}

sub line_from {
    my ($handle) = @_;
    my $text = '';
    my $until = time + $patience;
    while ((my $left = $until - time) > 0) {
        IO::Select->new($handle)->can_read($left) or last;
        sysread($handle, my $byte, 1) or return $text eq '' ? undef : $text;
        return $text . "\n" if $byte eq "\n";
        $text .= $byte;
    }
    return "timed out: $text";
}

sub reply { my ($h) = @_; my $l = line_from($h->{client}); $l =~ s/\r\n\z// if defined $l; return $l }

sub slurp {
    my ($handle) = @_;
    my $text = '';
    my $until = time + $patience;
    while (IO::Select->new($handle)->can_read($until > time ? $until - time : 0)) {
        sysread($handle, $text, 65536, length $text) or return $text;
    }
    return "$text(timed out)";
}

sub ended {
    my ($h) = @_;
    my $until = time + $patience;
    while (time < $until) {
        return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8 if waitpid($h->{pid}, WNOHANG) > 0;
        sleep 0.005;
    }
    kill KILL => $h->{pid};
    waitpid $h->{pid}, 0;
    return 'does not end';
}

# The session line without what differs from run to run.
sub constant {
    my ($line) = @_;
    $line =~ s/ talk=(\w+):[\d.]+:/ talk=$1:TIME:/;
    $line =~ s/ rtt=\d+//;
    my $end = qr/[\d.]+/;
    $line =~ s/^session1 at=\d+\.\d{3} peer=$end(?: pport=\d+)? local=$end(?: lport=\d+)? ms=\d+ //
      or return "beginning: $line";
    return $line;
}

sub hard_close {
    my ($socket) = @_;
    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0);
    close $socket;
}

# Plays the steps; returns them as they happened, without those of other letters, and the whole line.
sub play {
    my ($h, @steps) = @_;
    my (@got, $line);
    for my $step (@steps) {
        my ($what, $text) = (substr($step, 0, 1), length $step > 1 ? substr($step, 2) : '');
        my $client = $h->{client};
        push @got, $step if $what =~ /[CX!]/;
        if ($what eq 'S') { my $r = reply($h); push @got, defined $r ? "S $r" : 'S' }
        elsif ($what eq 'C') { print $client "$text\r\n" }
        elsif ($what eq 'X') { print $client pack 'H*', $text }
        elsif ($what eq 'L') { $line = slurp($h->{out}); push @got, 'L ' . constant($line =~ s/\n\z//r) }
        elsif ($text eq 'close') { close $client }
        elsif ($text eq 'reset') { sleep 0.05; hard_close($client) }
        elsif ($text eq 'shutdown') { shutdown $client, 1 }
        elsif ($text eq 'stop') { kill TERM => $h->{pid} }
        elsif ($text =~ /^wait (.*)/) { sleep $1 }
    }
    return (\@got, $line);
}

# Tests a file's transcript; returns its whole session line, and its lines of other letters.
sub transcript {
    my ($file) = @_;
    my ($name) = $file =~ m{([^/]+)\.txt$};
    open my $in, '<', $file or die "$file: $!";
    my @steps = grep { !/^#/ } <$in>;
    chomp @steps;
    my %env = map { /^E (\w+)=(.*)/ ? ($1 => $2) : () } @steps;
    my $h = start(env => \%env);
    my @dialogue = grep { /^[CXS!L]/ } @steps;
    my ($got, $line) = play($h, @dialogue);
    is(join("\n", @$got), join("\n", @dialogue), $name);
    is(ended($h), 0, "$name: exit code");
    is(slurp($h->{err}), '', "$name: no diagnostics") unless without_filter($h);
    return ($line, grep { /^[^CXS!LE]/ } @steps);
}

# True if no filter is to be had: in a build with sanitizers, or on a machine where a filter that allows all is
# refused. The program that is tested is not asked: one that has lost its filter has to fail.
my $filter;
sub without_filter {
    $filter //= !has_sanitizers() && machine_has_filters();
    return !$filter;
}

sub has_sanitizers {
    open my $in, '<', $program or return 0;
    local $/;
    return <$in> =~ /__asan_init/;
}

# prctl(PR_SET_NO_NEW_PRIVS, 1), prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, one instruction: allow), in a child.
sub machine_has_filters {
    my $prctl = { x86_64 => 157, aarch64 => 167 }->{ (POSIX::uname())[4] } or return 0;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my $code = pack 'SCCL', 6, 0, 0, 0x7fff0000;
        my $fprog = pack 'Sx6P', 1, $code;
        POSIX::_exit(syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $fprog) == 0 ? 0 : 1);
    }
    waitpid $pid, 0;
    return $? == 0;
}

sub diagnostics { my ($h) = @_; return join '', grep { !/no system call filter/ } split /^/, slurp($h->{err}) }

1;
