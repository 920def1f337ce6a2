#!/usr/bin/perl
# The wall clock is set back by an hour at every look: sessions last as long as ever, and leave a line.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use IO::Socket::IP;
use Handler;

my $build = $ENV{SINBIN_BUILD} || '.build/std';
my ($smtpd, $listen) = map { "$build/tests/clock/sinbin-$_" } qw(smtpd listen);
-x $_ or BAIL_OUT("$_ is not built: make unit") for $smtpd, $listen;
delete @ENV{qw(NOTIFY_SOCKET NOTIFY_FD LISTEN_FDS LISTEN_PID)};

my $h = start(program => $smtpd);
like reply($h), qr/^220-/, 'greeted';
like reply($h), qr/^220 /, 'and after the wait';
my $talk = $h->{client};
print $talk "EHLO mx.example.net\r\n";
like reply($h), qr/^250 /, 'EHLO';
print $talk "QUIT\r\n";
like reply($h), qr/^221 /, 'QUIT';
like line_from($h->{out}), qr/^session1 at=\d+\.\d{3} .* ms=\d{2,3} .* end=quit /, 'its line: the duration is right';
is ended($h), 0, 'exit code';

$h = start(program => $smtpd, env => { TIMEOUT_IDLE => '0.2' });
like reply($h), qr/^220-/, 'a silent one';
like line_from($h->{out}), qr/ ms=\d{3,5} .* end=idle /, 'ends in time';
is ended($h), 0, 'exit code';

# The acceptor stamps each handler, and says when one died without its line.
my $free = IO::Socket::IP->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
my $port = $free->sockport;
close $free;
pipe(my $out, my $in) or die;
pipe(my $ready, my $tell) or die;
my $pid = fork // die;
if (!$pid) {
    POSIX::dup2(fileno $in, 1);
    POSIX::dup2(fileno $tell, 9);
    exec $listen, '-b', "127.0.0.1/$port", '-d', 9, '-g', 5, '/bin/sh', '-c', 'sleep 0.3; exit 5' or POSIX::_exit(126);
}
close $_ for $in, $tell;
is line_from($ready), "\n", 'the acceptor is ready';
my @clients = map { IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $@" } 1 .. 3;
like line_from($out), qr/^lost1 at=\d+\.\d{3} peer=127\.0\.0\.1 pport=\d+ ms=\d{3,5} status=exit:5$/, 'a lost line'
  for @clients;
kill TERM => $pid;
is ended({ pid => $pid }), 0, 'and ends as told';
done_testing;
