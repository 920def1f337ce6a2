#!/usr/bin/perl
# What only root can test of sinbin-listen: another root directory, and a user with a limit of processes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Cwd 'abs_path';
use File::Copy 'copy';
use File::Temp 'tempdir';
use IO::Socket::IP;
use Time::HiRes 'sleep';
use Handler qw(line_from ended slurp);

plan skip_all => 'not root' if $>;
my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;
delete @ENV{qw(NOTIFY_FD LISTEN_FDS LISTEN_PID)};
my @running;
END { kill KILL => @running }

# through: words of a command that runs it.
sub start {
    my ($through, @args) = @_;
    my $free = IO::Socket::IP->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
    my %l = (port => $free->sockport);
    close $free;
    pipe($l{out}, my $out) or die;
    pipe($l{err}, my $err) or die;
    pipe(my $ready, my $tell) or die;
    $l{pid} = fork // die;
    if (!$l{pid}) {
        my %to = (1 => $out, 2 => $err, 9 => $tell);
        POSIX::dup2(fileno $to{$_}, 100 + $_) for keys %to;
        POSIX::dup2(100 + $_, $_) for keys %to;
        POSIX::close($_) for 10 .. 110;
        $SIG{PIPE} = 'DEFAULT';
        exec @$through, "$bin/sinbin-listen", '-b', "127.0.0.1/$l{port}", '-d', 9, @args
          or POSIX::_exit(126);
    }
    push @running, $l{pid};
    close $_ for $out, $err, $tell;
    $l{ready} = line_from($ready);
    return \%l;
}

sub connection {
    my ($l) = @_;
    return IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $l->{port}) || die "connect: $@";
}

subtest 'another root' => sub {
    open my $file, '<', "$bin/sinbin-smtpd" or die;
    local $/;
    plan skip_all => 'the handler is not static in this build' if <$file> =~ m{/ld-(?:linux|musl)};
    $/ = "\n";
    mkdir "$dir/$_" or die for 'root', 'root/bin';
    copy("$bin/sinbin-smtpd", "$dir/root/bin/sinbin-smtpd") && chmod 0755, "$dir/root/bin/sinbin-smtpd" or die;
    my $manager = "$dir/manager";
    my $socket = IO::Socket::UNIX->new(Type => Socket::SOCK_DGRAM(), Local => $manager) or die "$manager: $!";
    local $ENV{NOTIFY_SOCKET} = $manager;
    local $ENV{DELAY_GREET} = 0;
    local $ENV{PATH} = "/bin:$ENV{PATH}";
    my $l = start([], '-R', "$dir/root", '-u', '65534:65534', 'sinbin-smtpd');
    is $l->{ready}, "\n", 'ready';
    my $c = connection($l);
    like line_from($c), qr/^220-/, 'the handler in there serves';
    line_from($c);
    open my $children, '<', "/proc/$l->{pid}/root/bin/sinbin-smtpd" or die;
    is readlink "/proc/$l->{pid}/root", "$dir/root", 'which is its root';
    is readlink "/proc/$l->{pid}/cwd", "$dir/root", 'and where it is';
    print $c "QUIT\r\n";
    like line_from($c), qr/^221 /, 'QUIT';
    like line_from($l->{out}), qr/^session1 .* end=quit /, 'its line';
    kill TERM => $l->{pid};
    is ended($l), 0, 'ends with 0';
    my $text = '';
    while (IO::Select->new($socket)->can_read(1)) { $socket->recv(my $told, 1000); $text .= $told; last if $told =~ /STOPPING/ }
    like $text, qr/READY=1\n.*STOPPING=1\n/s, 'a service manager outside of it is told to the end';
};

subtest 'no such root' => sub {
    my $l = start([], '-R', "$dir/nowhere", 'sinbin-smtpd');
    is ended($l), 111, 'exit code';
    is slurp($l->{err}), "sinbin-listen: fatal: unable to change the root to $dir/nowhere: No such file or directory\n", 'and why';
    mkdir "$dir/empty" or die;
    $l = start([], '-R', "$dir/empty", "$bin/sinbin-smtpd");
    is ended($l), 111, 'no program in it: exit code';
    like slurp($l->{err}), qr/unable to run .*sinbin-smtpd: No such file or directory\n/, 'and why';
};

# The user has three processes at most: the acceptor, its thread, and at first one of somebody else's.
subtest 'no more processes' => sub {
    my $user = 54321 + $$ % 1000;
    my $other = fork // die;
    if (!$other) { POSIX::setgid($user); POSIX::setuid($user); sleep 60; POSIX::_exit(0) }
    push @running, $other;
    my $l = start(['prlimit', '--nproc=3:3'], '-j', 1, '-u', "$user:$user", '-i', 1, 'sleep', 3);
    is $l->{ready}, "\n", 'ready';
    my $c = connection($l);
    like line_from($c), qr/^421 /, 'who comes is told to come again';
    like line_from($l->{err}), qr/warning: .*limit of processes|unable to start a process/, 'and the operator';
    my $said = '';
    for (1 .. 20) { $said = line_from($l->{err}) // last; last if $said =~ / fork=1 / }
    like $said, qr/ held=0 .* fork=1 .* pause=[1-9]/, 'no connection is held, it is counted, and there was a pause';
    kill KILL => $other;
    waitpid $other, 0;
    sleep 0.3;
    my $again = connection($l);
    ok !IO::Select->new($again)->can_read(0.5), 'when there is room the next one is served';
    close $again;
    kill TERM => $l->{pid};
    is ended($l), 0, 'ends with 0';
};
done_testing;
