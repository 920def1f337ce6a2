#!/usr/bin/perl
# score-data.pl DIRECTORY LINES ENTRIES: the same rules and the same log at every run. DIRECTORY is a copy of
# rules/; its tables dynamic and blacklist get half of ENTRIES each, and DIRECTORY/log gets LINES session lines
# as a resolver leaves them: of bots, mail servers, mail programs and scanners, from addresses all over IPv4.
use strict;
use warnings;
my ($dir, $lines, $entries) = @ARGV;
srand 20260101;

sub address { return join '.', 1 + int rand 222, map { int rand 256 } 1 .. 3 }
sub pick { return $_[rand @_] }

# A prefix of one of the lengths that lists have, the longer the more frequent; each only once.
my %seen;
sub prefix {
    my ($bits) = @_;
    for (;;) {
        my $ip = unpack('N', pack 'C4', split /\./, address()) & (0xffffffff << 32 - $bits) & 0xffffffff;
        return join('.', unpack 'C4', pack 'N', $ip) . ($bits < 32 ? "/$bits" : '') unless $seen{"$ip/$bits"}++;
    }
}
for my $table (['dynamic', [24, 24, 24, 23, 22, 21, 20, 25, 32, 32], ''], ['blacklist', [32, 32, 32, 32, 32, 32, 32, 32, 24, 29], ' 8']) {
    my ($name, $bits, $weight) = @$table;
    %seen = ();
    open my $out, '>', "$dir/$name" or die "$dir/$name: $!";
    print $out prefix(pick(@$bits)), $weight, "\n" for 1 .. $entries / 2;
    close $out or die;
}
my %set = (domains => "example.org\n.example.org\n", own => "mx9.example.org\n", recipients => join('', map { "user$_\@example.org\n" } 1 .. 5000));
for (keys %set) { open my $out, '>', "$dir/$_" or die; print $out $set{$_}; close $out or die }

my @word = map { join '', map { chr 97 + int rand 26 } 1 .. 5 + rand 5 } 1 .. 2000;
sub host { return pick('mail', 'mx1', 'smtp', 'web7', 'srv-02') . '.' . pick(@word) . pick('.com', '.net', '.de', '.org.uk') }
sub pool {
    my ($ip) = @_;
    my @o = split /\./, $ip;
    return pick(join('-', @o) . '.dynamic.' . pick(@word) . '.net', 'pool-' . join('-', reverse @o) . '.' . pick(@word) . '.com', sprintf('p%02X%02X%02X%02X.dip.%s.de', @o, pick(@word)));
}
my $at = 1764000000000;
open my $log, '>', "$dir/log" or die;
for my $n (1 .. $lines) {
    my $ip = address();
    my $port = 1024 + int rand 60000;
    $at += int rand 400;
    my $head = sprintf '@40000000%08x%08x session1 at=%d.%03d peer=%s pport=%d local=198.51.100.5 lport=25', $at / 1000, int rand 1e9, $at / 1000, $at % 1000, $ip, $port;
    my $kind = rand;
    my ($tail, $dns);
    if ($kind < 0.7) {
        my $helo = pick('ylmf-pc', "[$ip]", $ip, pool($ip), uc pick(@word), host());
        my $to = join ',', map { 'user' . int(rand 9000) . '@example.org' } 1 .. 1 + rand 4;
        my $count = 1 + $to =~ tr/,//;
        my $early = rand() < 0.5 ? ' talk=banner:0.310:28:EHLO%20ylmf-pc%0D%0AMAIL%20FROM:%20 did=early-talk,odd-space' : '';
        $tail = sprintf ' ms=%d stage=data end=%s after=none verb=ehlo helo=%s helos=1 from=%s@%s.com to=%s rcpts=%d lines=%d bad=0 bytes=%d rtt=%d%s dialect=EHLO%%20H|MAIL%%20FROM:<A>|RCPT%%20TO:<A>*%d|DATA r451=yes mx=high peers=1 recent=%d',
          14000 + rand 9000, pick('fin', 'fin', 'rst'), $helo, pick(@word), pick(@word), $to, $count, 3 + $count, 90 + rand 200, rand 300, $early, $count, 1 + rand 4;
        my $ptr = rand() < 0.3 ? '-' : pool($ip);
        $dns = sprintf ' ptr=%s%s heloa=%s sendermx=yes dnsbl=%s dnswl=-', $ptr, $ptr eq '-' ? '' : ' fcrdns=' . pick('yes', 'no'), pick('none', 'other', 'peer'),
          rand() < 0.6 ? 'zen.example.net:127.0.0.4,bl.example.com:127.0.0.2' : '-';
    } elsif ($kind < 0.9) {
        my $helo = host();
        $tail = sprintf ' ms=%d stage=data end=quit after=none verb=ehlo helo=%s helos=1 from=%s@%s.net to=user%d@example.org rcpts=1 lines=5 bad=0 bytes=%d rtt=%d dialect=EHLO%%20H|MAIL%%20FROM:<A>|RCPT%%20TO:<A>|DATA r451=yes mx=high peers=1 recent=1',
          14000 + rand 900, $helo, pick(@word), pick(@word), rand 9000, 90 + rand 100, rand 200;
        $dns = " ptr=$helo fcrdns=yes heloa=peer sendermx=yes dnsbl=- dnswl=-";
    } else {
        $tail = sprintf ' ms=%d stage=banner end=fin after=none helos=0 rcpts=0 lines=0 bad=0 bytes=0 rtt=%d r451=no mx=high peers=1 recent=1', rand 8000, rand 200;
        $dns = ' ptr=- dnsbl=- dnswl=-';
    }
    print $log "$head$tail seq=$n pos=131077.", $n * 600, "$dns\n";
}
close $log or die;
