#!/usr/bin/perl
# Clients that take the first line of a greeting for all of it come through the whole dialogue, up to the 451,
# with and without a teaser, and what is noted of them is teaser-talk at most. Three kinds are known:
#   drain   System.Net.Mail, by its source: it reads one line of the greeting and sends EHLO. Before it reads the
#           next reply it reads the last one to its end, and so takes the first last line that comes, of whatever
#           code, for the end of the greeting. A refusal is an exception, which resets the connection.
#   whole   reads one line of the greeting, and then each reply to its end
#   line    reads one line for each reply, whatever it is
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Handler;
use Test::More;
use Time::HiRes qw(sleep);

# One line of a reply: its code, and whether it is the last one.
sub reply_line {
    my ($c) = @_;
    my $line = reply($c->{h}) // die "closed\n";
    $line =~ /^(\d{3})([- ])/ or die "no reply: $line\n";
    return ($1, $c->{open} = $2 eq '-');
}

sub read_to_end { my ($c) = @_; my ($code, $open); do { ($code, $open) = reply_line($c) } while $open; return $code }

sub read_reply {
    my ($c) = @_;
    return (reply_line($c))[0] if $c->{kind} eq 'line';
    read_to_end($c) if $c->{kind} eq 'drain' && $c->{open};
    return read_to_end($c);
}

sub say_to { my ($c, $command, $want) = @_; print { $c->{h}{client} } "$command\r\n"; my $code = read_reply($c); die "$code\n" if $code !~ /^$want/ }

# Plays a client; returns the codes that were no success, and the line.
sub played {
    my ($kind, %o) = @_;
    my $h = start(env => { DELAY_GREET => 0.3, %{ $o{env} || {} } });
    my $c = { h => $h, kind => $kind };
    my $bad = '';
    eval {
        my ($code) = reply_line($c);
        die "$code\n" if $code != 220;
        say_to($c, 'EHLO news.firm.example', 250);
        sleep $o{think} if $o{think};
        say_to($c, 'MAIL FROM:<a@firm.example>', 250);
        say_to($c, 'RCPT TO:<x@example.com>', 25);
        say_to($c, 'DATA', 354);
        1;
    } or $bad = $@ =~ s/\n//r;
    my $client = $h->{client};
    if ($kind eq 'drain') { hard_close($client) }
    else { print $client "QUIT\r\n"; slurp($client); close $client }
    my $line = slurp($h->{out});
    is(ended($h), 0, "$kind: exit code");
    return ($bad, $line);
}

sub facts { my ($line) = @_; return join ' ', $line =~ /( stage=\w+ end=\w+ after=\w+)/, $line =~ / (lines=\d+)/, $line =~ / (did=\S+)/, $line =~ / (r451=\w+)/ }

my %end = (drain => 'rst', whole => 'quit', line => 'quit');
my %lines = (drain => 4, whole => 5, line => 5);
for my $kind (qw(drain whole line)) {
    my ($bad, $line) = played($kind);
    is($bad, 451, "$kind: comes to the 451, each reply before as it should be");
    is(facts($line), " stage=data end=$end{$kind} after=none lines=$lines{$kind} did=teaser-talk r451=yes", "$kind: its facts");

    ($bad, $line) = played($kind, env => { TEASER => 0 });
    is($bad, 451, "$kind, no teaser: the same");
    is(facts($line), " stage=data end=$end{$kind} after=none lines=$lines{$kind} r451=yes", "$kind, no teaser: nothing is noted");
}

# Two that think so long after EHLO that its reply comes a second time: then each reply they read is an old one.
for my $kind (qw(whole line)) {
    my ($bad, $line) = played($kind, think => 4);
    is($bad, 250, "$kind, slow: one answer ahead until DATA");
    is(facts($line), ' stage=data end=quit after=none lines=5 did=teaser-talk r451=yes', "$kind, slow: no talk in a delay");
}

# Without a teaser nothing is said before the whole greeting.
{
    my $h = start(env => { TEASER => 0, DELAY_GREET => 0.3 });
    is(reply($h), '220 [127.0.0.1] ESMTP', 'one line');
    close $h->{client};
    is(ended($h), 0, 'exit code');
    $h = start(env => { TEASER => 0, DELAY_GREET => 0.5 });
    my $client = $h->{client};
    print $client "EHLO h\r\n";
    is(reply($h), '220 [127.0.0.1] ESMTP', 'who does not wait for it gets it, too');
    is(reply($h), '250 [127.0.0.1]', 'and an answer');
    close $h->{client};
    like(slurp($h->{out}), qr/ did=early-talk /, 'early talk, for there was no teaser');
    is(ended($h), 0, 'exit code');
}
done_testing;
