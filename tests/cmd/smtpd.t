#!/usr/bin/perl
# sinbin-smtpd over real connections: the transcripts of tests/data/smtpd, and what no transcript can
# show: signals, loggers that are slow or gone, peers that do not read, descriptors and configuration.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Handler;
use Test::More;
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h mkfifo);
use Socket ();
use Time::HiRes qw(sleep time);

# The descriptors that are open once they are these, or when they have not become so for long: while a
# reply is sent there is a pipe.
sub settled_files {
    my ($h, $want) = @_;
    my ($open, $until) = ('', time + 10);
    while ($open ne $want && time < $until) {
        opendir my $fds, "/proc/$h->{pid}/fd" or return undef;
        $open = join ' ', sort grep { /\d/ } readdir $fds;
        sleep 0.01 if $open ne $want;
    }
    return $open;
}

# A pipe that takes nothing more, and how much is in it.
sub full_pipe {
    pipe(my $read, my $write) or die;
    my $full = 0;
    $write->blocking(0);
    while (my $wrote = syswrite $write, 'x' x 4096) { $full += $wrote }
    $write->blocking(1);
    return ($read, $write, $full);
}

my $dir = tempdir(CLEANUP => 1);

transcript($_) for sort glob 'tests/data/smtpd/*.txt';

# What a handler has given away
{
    my $h = start();
    reply($h);
    open my $status, '<', "/proc/$h->{pid}/status" or die;
    my %has = map { /^(\w+):\s+(.*)/ ? ($1 => $2) : () } <$status>;
    is($has{NoNewPrivs}, 1, 'no new privileges');
    SKIP: {
        skip 'no system call filter here', 1 if without_filter();
        is($has{Seccomp}, 2, 'a system call filter');
    }
    SKIP: {
        my $open = settled_files($h, '0 1 2') // skip 'unable to look', 1;
        is($open, '0 1 2', 'three descriptors');
    }
    close $h->{client};
    is(ended($h), 0, 'exit code');
}

# Told to stop, in every state
{
    my @talk = ([], ['EHLO h'], ['EHLO h', 'MAIL FROM:<a@b>'],
                ['EHLO h', 'MAIL FROM:<a@b>', 'RCPT TO:<x@y>'],
                ['EHLO h', 'MAIL FROM:<a@b>', 'RCPT TO:<x@y>', 'DATA']);
    my @stage = qw(banner helo mail rcpt data);
    for my $i (0 .. $#talk) {
        for my $signal ($i ? 'TERM' : qw(TERM INT HUP)) {
            my $h = start();
            my $client = $h->{client};
            reply($h) for 1, 2;
            for (@{ $talk[$i] }) { print $client "$_\r\n"; reply($h) }
            kill $signal => $h->{pid};
            like(reply($h), qr/^421 /, "SIG$signal in $stage[$i] is answered");
            like(slurp($h->{out}), qr/^session1 [^\n]* stage=$stage[$i] end=stop [^\n]*\n\z/,
                 "SIG$signal in $stage[$i]: one line");
            is(ended($h), 0, 'exit code');
        }
    }
    my $h = start(env => { DELAY_GREET => 20 });
    reply($h);
    kill TERM => $h->{pid};
    like(slurp($h->{out}), qr/ stage=banner end=stop /, 'stopped in the wait');
    is(ended($h), 0, 'exit code');

    my $stops = POSIX::SigSet->new(map { POSIX->can("SIG$_")->() } qw(TERM INT HUP));
    for my $signal (qw(TERM INT HUP)) {
        POSIX::sigprocmask(POSIX::SIG_BLOCK(), $stops);
        $h = start();
        POSIX::sigprocmask(POSIX::SIG_UNBLOCK(), $stops);
        kill $signal => $h->{pid};
        like(slurp($h->{out}), qr/^session1 [^\n]* stage=banner end=stop [^\n]*\n\z/, "SIG$signal blocked by who started it, and sent at once");
        is(ended($h), 0, 'exit code');
    }
}

# Told to stop before there is a session: a handler that waits to complain ends of that, not of the signal
for my $early ([[], { DELAY_HELO => 'x' }, qr/malformed DELAY_HELO=x/], [['-z'], {}, qr/usage:/]) {
    my ($args, $env, $want) = @$early;
    my ($read, $write) = full_pipe();
    my $h = start(fd2 => $write, args => $args, env => $env);
    close $write;
    like(reply($h), qr/^421 /, 'refused');
    sleep 0.1;
    kill TERM => $h->{pid};
    like(slurp($read), qr/^x+sinbin-smtpd: fatal: [^\n]*$want[^\n]*\n\z/, 'its diagnostic is there, whole');
    is(ended($h), 100, 'exit code');
}

# A peer that never reads
{
    my $h = start(small => 1, env => { TIMEOUT_SESSION => 1.5, LIMIT_LINES => 500, TRAP_TEXT => 'x' x 400 });
    my $client = $h->{client};
    reply($h) for 1, 2;
    print $client "EHLO h\r\n" . "HELP\r\n" x 400;
    my $line = slurp($h->{out});
    like($line, qr/ end=cap [^\n]* lines=401 /, 'a peer that never reads is held no longer than the cap');
    cmp_ok(length $line, '<=', 4096, 'its line is bounded');
    is(ended($h), 0, 'exit code');
}

# A peer that reads late gets every byte, also of replies that went out in pieces
{
    my $text = join '', map { chr(33 + $_ % 94) } 1 .. 400;
    my $h = start(small => 1, env => { REFUSE_AT => 'rcpt', DELAY_GREET => 0, DELAY_RCPT => 0, TRAP_TEXT => $text });
    my $client = $h->{client};
    reply($h) for 1, 2;
    print $client "EHLO h\r\nMAIL FROM:<a\@b>\r\n" . "RCPT TO:<x\@y>\r\n" x 90 . "QUIT\r\n";
    sleep 0.5;
    is(slurp($client), "250 [127.0.0.1]\r\n250 OK\r\n" . "451 $text\r\n" x 90 . "221 [127.0.0.1] closing\r\n",
       'a peer that reads late gets all replies, whole and in order');
    like(slurp($h->{out}), qr/ stage=rcpt end=quit [^\n]* lines=93 /, 'its line');
    is(ended($h), 0, 'exit code');
}

# With descriptor 2 closed, nothing stays in its place
{
    my $h = start(fd2 => 'connection');
    like(reply($h), qr/^220-/, 'descriptor 2 is the connection: the peer is served');
    SKIP: {
        my $open = settled_files($h, '0 1') // skip 'unable to look', 1;
        is($open, '0 1', 'two descriptors');
    }
    close $h->{client};
    like(slurp($h->{out}), qr/ end=fin /, 'its line');
    is(ended($h), 0, 'exit code');
}

# Much and strange input
{
    my $h = start();
    my $client = $h->{client};
    reply($h) for 1, 2;
    print $client 'x' x 65537;
    like(slurp($h->{out}), qr/ end=limit [^\n]* bytes=65537 rtt=\d+ did=long-line [^\n]*\n\z/, '64 KiB without a line end');
    is(ended($h), 0, 'exit code');

    $h = start(env => { LIMIT_BYTES => 300000, LIMIT_LINES => 500 });
    $client = $h->{client};
    reply($h) for 1, 2;
    my $junk = join '', map { "EHLO $_" . "\xff" x 900 . "\r\n", "RCPT TO:<$_" . "\xff" x 900 . "\@y>\r\n",
                              "MAIL FROM:<$_" . "\xfe" x 1800 . ">\r\n", "\x01\x02\x03 |*\r\n" } 10 .. 40;
    print $client $junk;
    shutdown $client, 1;
    my $line = slurp($h->{out});
    cmp_ok(length $line, '<=', 4096, 'the longest line: ' . length($line) . ' bytes');
    like($line, qr/\Asession1 [\x20-\x7e]+ cut=helo,from,to,dialect r451=no\n\z/, 'it is whole and clean');
    is(ended($h), 0, 'exit code');
}

# Two hundred handlers share a pipe
{
    pipe(my $read, my $write) or die;
    my @all = map { start(fd1 => $write, env => { DELAY_GREET => 0, STRESS => 1 }) } 1 .. 200;
    close $write;
    my $n = 0;
    for (@all) { my $client = $_->{client}; reply($_); print $client 'EHLO ' . sprintf('%03d', $n++) . 'y' x 2000 . "\r\n" }
    my $text = '';
    if (my $reader = fork // die) { close $_->{client} for @all; $text = slurp($read); waitpid $reader, 0 }
    else { close $_->{client} for @all; POSIX::_exit(0) }
    my @lines = split /\n/, $text;
    my $whole = qr/\Asession1 at=[\d.]+ peer=[^\n]* helo=\d{3}y+ [^\n]* r451=no\z/;
    is(scalar(grep { $_ =~ $whole } @lines), 200, 'two hundred handlers write two hundred whole lines');
    is(join("\n", grep { $_ !~ $whole } @lines), '', 'and nothing else');
    is(scalar(grep { ended($_) ne 0 } @all), 0, 'and all exit 0');
}

# Loggers
{
    my ($read, $write, $full) = full_pipe();
    my $h = start(fd1 => $write);
    close $write;
    reply($h);
    close $h->{client};
    sleep 0.3;
    is(waitpid($h->{pid}, WNOHANG), 0, 'a handler waits for a full pipe');
    kill TERM => $h->{pid};
    sleep 0.1;
    is(waitpid($h->{pid}, WNOHANG), 0, 'also when told to stop');
    my $text = slurp($read);
    like(substr($text, $full), qr/\Asession1 [^\n]* end=fin [^\n]*\n\z/, 'then its line is there, whole');
    is(ended($h), 0, 'exit code');

    pipe($read, $write) or die;
    $h = start(fd1 => $write);
    close $write;
    close $read;
    reply($h);
    close $h->{client};
    is(ended($h), 111, 'a logger that is gone');
    like(diagnostics($h), qr/\Asinbin-smtpd: fatal: unable to write the session line: Broken pipe\n\z/, 'is told of');
}

# Where the line goes
{
    my $h = start(fd1 => 'connection');
    reply($h);
    close $h->{client};
    like(diagnostics($h), qr/\Asession1 [^\n]*\n\z/, 'to descriptor 2 where 1 is the connection');
    is(ended($h), 0, 'exit code');

    my $log = "$dir/log";
    open my $file, '>', $log or die;
    print $file "before\n";
    close $file;
    $h = start(fd1 => 'connection', fd2 => 'connection', env => { SINBIN_LOG => $log });
    like(reply($h), qr/^220-/, 'both are the connection: the peer is served');
    close $h->{client};
    is(ended($h), 0, 'exit code');
    open $file, '<', $log or die;
    my @lines = grep { !/no system call filter/ } <$file>;
    is(scalar @lines, 2, 'SINBIN_LOG is appended to');
    like($lines[1], qr/\Asession1 [^\n]*\n\z/, 'with the line');

    my $fifo = "$dir/fifo";
    mkfifo($fifo, 0600) or die;
    $h = start(fd1 => 'connection', fd2 => 'connection', env => { SINBIN_LOG => $fifo });
    like(reply($h), qr/^421 /, 'a FIFO that nobody reads: 421');
    is(ended($h), 111, 'exit code');
    open my $reader, '+<', $fifo or die;
    $h = start(fd1 => 'connection', fd2 => 'connection', env => { SINBIN_LOG => $fifo });
    like(reply($h), qr/^220-/, 'a FIFO with a reader');
    close $h->{client};
    is(ended($h), 0, 'exit code');
    my $line;
    do { $line = line_from($reader) } while $line =~ /no system call filter/;
    like($line, qr/\Asession1 [^\n]*\n\z/, 'gets the line');

    $h = start(fd1 => 'connection', fd2 => 'connection');
    like(reply($h), qr/^421 /, 'no place at all: 421');
    is(reply($h), undef, 'and nothing else reaches the peer');
    is(ended($h), 100, 'exit code');
    $h = start(fd1 => 'connection', fd2 => 'connection', env => { SINBIN_LOG => "$dir/none" });
    like(reply($h), qr/^421 /, 'a SINBIN_LOG that is not there: 421');
    is(ended($h), 111, 'exit code');
}

# A peer that was gone before we came
{
    for my $env ({}, { PROTO => 'TCP', TCPREMOTEIP => '192.0.2.7', TCPREMOTEPORT => 99 }) {
        my ($client, $server) = pair();
        hard_close($client);
        sleep 0.05;
        my $h = start(fd0 => $server, env => $env);
        close $server;
        my $line = slurp($h->{out});
        if (%$env) {
            like($line, qr/ peer=192\.0\.2\.7 pport=99 ms=\d+ stage=banner end=rst /, 'reset before: the acceptor knows the peer');
            is(ended($h), 0, 'exit code');
        } else {
            is($line, '', 'reset before and no acceptor tells: no line');
            is(ended($h), 1, 'exit code');
        }
    }
}

# -u and other descriptors
{
    socketpair(my $ours, my $theirs, Socket::AF_UNIX(), Socket::SOCK_STREAM(), 0) or die;
    my %from = (PROTO => 'TCP', TCPREMOTEIP => '2001:DB8::7', TCPREMOTEPORT => 1234, TCPLOCALIP => '192.0.2.1', TCPLOCALPORT => 25);
    my $h = start(fd0 => $theirs, args => ['-u'], env => \%from);
    close $theirs;
    $h->{client} = $ours;
    is(reply($h), '220-[192.0.2.1] ESMTP one moment please', '-u: our name is the local address');
    close $ours;
    delete $h->{client};
    like(slurp($h->{out}), qr/ peer=2001:db8::7 pport=1234 local=192\.0\.2\.1 lport=25 ms=/, '-u: addresses of the environment');
    is(ended($h), 0, 'exit code');

    $h = start(env => { SINBIN_PEER => 'env', TCPREMOTEIP => '192.0.2.9' });
    reply($h);
    close $h->{client};
    like(slurp($h->{out}), qr/ peer=192\.0\.2\.9 ms=/, 'SINBIN_PEER=env is the acceptor saying the same');
    is(ended($h), 0, 'exit code');

    $h = start(args => ['-u'], env => { TCPREMOTEIP => '192.0.2.9' });
    reply($h);
    close $h->{client};
    like(slurp($h->{out}), qr/ peer=192\.0\.2\.9 ms=/, '-u on a TCP connection: the proxied peer');
    is(ended($h), 0, 'exit code');

    open my $null, '+<', '/dev/null' or die;
    $h = start(fd0 => $null);
    is(ended($h), 100, 'no socket and no -u');
    is(diagnostics($h), "sinbin-smtpd: fatal: descriptor 0 is not a TCP connection (see option -u)\n", 'says what is wrong');
    $h = start(fd0 => $null, args => ['-u'], env => { TCPREMOTEIP => '192.0.2.9' });
    like(slurp($h->{out}), qr/ stage=banner end=fin /, 'no socket with -u');
    is(ended($h), 0, 'exit code');

    SKIP: {
        my $six = IO::Socket::IP->new(Listen => 1, LocalAddr => '::1', LocalPort => 0) or skip 'no IPv6 here', 2;
        my $client = IO::Socket::IP->new(PeerAddr => '::1', PeerPort => $six->sockport) or skip 'no IPv6 here', 2;
        my $server = $six->accept;
        $h = start(fd0 => $server);
        close $server;
        $h->{client} = $client;
        is(reply($h), '220-[IPv6:::1] ESMTP one moment please', 'IPv6: an address literal');
        close $client;
        like(slurp($h->{out}), qr/ peer=::1 pport=\d+ local=::1 lport=\d+ /, 'IPv6 addresses');
        ended($h);
    }
}

# Configuration: everything malformed is refused by name, and the peer is told to come again
{
    my @bad = ([DELAY_GREET => '21'], [DELAY_GREET => 'x'], [DELAY_HELO => '31'], [DELAY_MAIL => '-1'],
               [DELAY_RCPT => ''], [DELAY_DATA => '1.2345'], [JITTER => 51], [STUTTER => 2], [TEASER => 2], [TEASER => ''], [TEASER => "no"], [STRESS => 'yes'],
               [TIMEOUT_IDLE => 0], [TIMEOUT_LINE => 3601], [TIMEOUT_WATCH => 'long'], [TIMEOUT_SESSION => 0],
               [LIMIT_LINES => 501], [LIMIT_LINES => 0], [LIMIT_BYTES => 511], [LIMIT_BODY => 67108865],
               [LIMIT_RCPTS => 0], [LOCAL_PARTS => 'none'], [REFUSE_AT => 'never'], [HIGHMX => 2], [PEERS => -1],
               [RECENT => 'a'], [SINBIN_PEER => 'proxy'], [TRAP_NAME => ''], [TRAP_NAME => 'two words'], [TRAP_NAME => 'x' x 256],
               [TRAP_TEXT => ''], [TRAP_TEXT => "a\r\n250 b"], [TRAP_TEXT => 'x' x 401], [TRAP_TEXT => "caf\xe9"],
               [TRAP_BANNER => ''], [TRAP_BANNER => "a\r\n220 b"], [TRAP_BANNER => 'x' x 201], [TRAP_HELP => ''],
               [TRAP_HELP => "a\tb"], [TRAP_HELP => 'x' x 401]);
    for (@bad) {
        my ($name, $value) = @$_;
        my $h = start(env => { $name => $value });
        like(reply($h), qr/^421 /, "$name malformed: 421");
        like(diagnostics($h), qr/\Asinbin-smtpd: fatal: malformed $name=[^\n]*\n\z/, "$name is named");
        is(slurp($h->{out}), '', 'no line');
        is(ended($h), 100, 'exit code');
    }
    for ([PROTO => 'UDP'], [TCPREMOTEIP => '1.2.3'], [TCPREMOTEPORT => 65536], [TCPLOCALIP => 'x'], [TCPLOCALPORT => 'y'], [TCPREMOTEIP => undef]) {
        my ($name, $value) = @$_;
        my $h = start(args => ['-u'], env => { TCPREMOTEIP => '192.0.2.1', TCPLOCALIP => '192.0.2.2', $name => $value });
        like(reply($h), qr/^421 /, "-u and a bad $name: 421");
        like(diagnostics($h), qr/$name/, "$name is named");
        is(ended($h), 100, 'exit code');
    }
    for (['mx.example', 'mx.example'], ['two words', '[127.0.0.1]'], ["a\r\n250", '[127.0.0.1]']) {
        my ($name, $shown) = @$_;
        my $h = start(env => { TRAP_NAME => $name, JITTER => 51 });
        is(reply($h), "421 $shown Service not available, closing", "the 421 names $shown");
        is(ended($h), 100, 'exit code');
    }
    my $h = start(args => ['-x']);
    like(reply($h), qr/^421 /, 'usage: 421');
    is(ended($h), 100, 'exit code');
}

# Timing: STRESS, stutter, and the greeting
{
    my $began = time;
    my $h = start(env => { DELAY_GREET => 4, STRESS => 1 });
    reply($h) for 1, 2;
    my $took = time - $began;
    ok($took > 0.9 && $took < 3.5, 'STRESS=1 quarters the delays');
    close $h->{client};
    ended($h);
    $h = start(env => { STUTTER => 1, DELAY_GREET => 0 });
    my $client = $h->{client};
    is(reply($h), '220-[127.0.0.1] ESMTP one moment please', 'the teaser is not stuttered');
    reply($h);
    print $client "EHLO h\r\n";
    sysread $client, my $piece, 100;
    is($piece, '2', 'a reply is');
    kill TERM => $h->{pid};
    is(slurp($client), '', 'no last words within a reply');
    ended($h);
}

done_testing();
