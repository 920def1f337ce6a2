#!/usr/bin/perl
# latency-probe.pl PORT DNS SECONDS: reports a bot ten times a second as detector `probe`, each a new address, and
# asks the DNS until it is listed. Prints how long that took.
use strict;
use warnings;
use Blake2b 'blake2b';
use IO::Select;
use IO::Socket::IP;
use Time::HiRes qw(sleep time);

my ($port, $dns, $seconds) = @ARGV;
my $collector = IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'udp') or die;
my $server = IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $dns, Proto => 'udp') or die;
my $key = "\x07" x 32;

sub datagram {
    my ($n) = @_;
    my $line = sprintf 'SB1 probe 1 1 %d %d 201.%d.%d.7 bot 12 fin high-mx,helo-bot,no-quit -', $n, time - 5, $n >> 8, $n & 255;
    return $line . ' ' . blake2b($line, $key, 16) . "\n";
}

sub question {
    my ($n) = @_;
    return pack('n6', $n, 0x0100, 1, 0, 0, 0) . join('', map { pack 'C/a', $_ } 7, $n & 255, $n >> 8, 201, 'bl', 'test') . pack 'C n2', 0, 1, 1;
}

my $until = time + $seconds;
my (%waits, @took, $next, $n);
$next = time;
$n = 0;
while (time < $until || (%waits && time < $until + 10)) {
    my $now = time;
    if ($now >= $next && $now < $until) {
        $next += 0.1;
        $n++;
        $waits{$n} = { sent => $now, again => $now + 0.5 };
        $collector->send(datagram($n));
    }
    for (keys %waits) {
        $server->send(question($_));
        if ($now >= $waits{$_}{again}) { $collector->send(datagram($_)); $waits{$_}{again} += 0.5 }
    }
    while (IO::Select->new($server)->can_read(0)) {
        $server->recv(my $answer, 512);
        my ($id, $flags, undef, $answers) = unpack 'n4', $answer;
        next unless ($flags & 15) == 0 && $answers && $waits{$id};
        push @took, 1000 * (time - $waits{$id}{sent});
        delete $waits{$id};
    }
    while (IO::Select->new($collector)->can_read(0)) { $collector->recv(my $answer, 1500) }
    sleep 0.003;
}
@took = sort { $a <=> $b } @took;
die "nothing was listed\n" if !@took;
printf "%d of %d listed; ms from report to DNS answer: median %d, 90th %d, 99th %d (1000 wanted), longest %d\n", scalar @took, $n,
  map({ $took[int($_ * $#took)] } 0.5, 0.9, 0.99), $took[-1];
exit(@took == $n ? 0 : 1);
