package Sessions;

# Reads the labelled sessions of tests/data/sessions, and plays them to a real handler.
#
# An entry has comment lines, and the session line that results from them:
#   ## LABEL NAME: what it is          LABEL is one of the list below; LABEL and NAME together are unique
#   #@ PEER KEY=VALUE...               the client's address; a key in capitals is environment of the handler
#                                      (as the acceptor would set it), one in lower case a field of the resolver
#   #> STEP | STEP...                  what the client does, see below
#   #= KEY=VALUE...                    fields that replace those of the handler, if playing would take minutes
#   session1 ...                       the line, with times and ports that are made up and consistent
#
# Steps:
#   COMMAND                 is sent with CRLF, and its reply is awaited
#   +COMMAND                is sent, and no reply is awaited; several in a row are sent in one piece
#   ~TEXT                   the same without CRLF, and with \r \n \xHH {X*TIMES}
#   letter [FROM [TO...]]   MAIL, RCPT and DATA; +letter sends them in one piece
#   early                   the following steps are sent before the handler starts
#   teaser                  awaits only the first line of the greeting
#   ...                     awaits one reply
#   close, reset            close the connection
#   shut                    closes its side and reads on
#   eof                     awaits the end of the handler's side
# A client that closes while a reply is due has left in a delay. So await the replies, unless the delay is long.

use strict;
use warnings;
use Exporter 'import';
use POSIX ();
use Time::HiRes qw(sleep);
use Handler;

our @EXPORT = qw(read_sessions play_sessions %labels);

our %labels = (
    bot      => 'spambots and password guessers',
    snowshoe => 'bulk mailers with servers in good order, which a session does not reveal',
    server   => 'mail servers, providers, forwarders and lists',
    program  => 'mail programs and libraries with their default settings',
    callout  => 'servers that ask whether an address exists',
    monitor  => 'probes of monitoring systems',
    scanner  => 'scanners of ports and protocols',
    alike    => 'honest programs that look like bots, by their address or by what they do',
    person   => 'people at a terminal',
    device   => 'printers and appliances',
);

my %quick = (DELAY_GREET => 0.02, map { ("DELAY_$_" => 0.01) } qw(HELO MAIL RCPT DATA));

sub read_sessions {
    my ($file) = @_;
    my (@all, $e);
    open my $in, '<', $file or die "$file: $!";
    while (<$in>) {
        chomp;
        if (/^## (\w+) ([\w-]+): (.*)/) {
            die "$file:$.: no such label: $1\n" unless $labels{$1};
            push @all, $e = { label => $1, name => $2, about => $3, file => $file, line_number => $. };
        }
        elsif (/^#([\@>=]) (.*)/) { $e->{$1} = defined $e->{$1} ? "$e->{$1} $2" : $2 }
        elsif (/^session1 /) { $e->{line} = $_ }
        elsif (/^#/ || /^$/) { }
        else { die "$file:$.: neither comment nor session line\n" }
    }
    return @all;
}

sub commands {
    my ($text) = @_;
    $text =~ s/^(\+?)letter\b ?// or return $text;
    my $await = $1;
    my ($from, @to) = split / /, $text;
    @to = 'joe@example.com' unless @to;
    my $sender = $from // 'ann@sender.example';
    $sender = '' if $sender eq '<>';
    return map { "$await$_" } "MAIL FROM:<$sender>", (map { "RCPT TO:<$_>" } @to), 'DATA';
}

sub steps_of {
    my ($e) = @_;
    return map { commands($_) } split / \| /, $e->{'>'};
}

sub unescape {
    my ($text) = @_;
    $text =~ s/\{(.)\*(\d+)\}/$1 x $2/ge;
    $text =~ s/\\r/\r/g;
    $text =~ s/\\n/\n/g;
    $text =~ s/\\x(..)/chr hex $1/ge;
    return $text;
}

sub bytes_of { my ($step) = @_; return $step =~ /^~(.*)/ ? unescape($1) : substr($step, 1) . "\r\n" }

# Reads a reply of one or more lines; false at the end.
sub whole_reply {
    my ($h) = @_;
    while (defined(my $line = reply($h))) { return 1 if $line !~ /^\d{3}-/ }
    return 0;
}

sub act {
    my ($h, $step) = @_;
    my $client = $h->{client};
    if ($step eq 'teaser') { reply($h) }
    elsif ($step eq '...') { whole_reply($h) }
    elsif ($step eq 'close') { close $client }
    elsif ($step eq 'reset') { sleep 0.05; hard_close($client) }
    elsif ($step eq 'shut') { shutdown $client, 1; 1 while defined reply($h) }
    elsif ($step eq 'eof') { 1 while defined reply($h) }
    else { print $client "$step\r\n"; whole_reply($h) }
}

# The handler's line, just as it wrote it.
sub played {
    my ($e, $client, $server) = @_;
    my ($peer, @fields) = split / /, $e->{'@'};
    my @steps = steps_of($e);
    my $teaser = @steps && $steps[0] eq 'teaser';
    my %env = (%quick, $teaser ? (DELAY_GREET => 2) : (), SINBIN_PEER => 'env',
        TCPREMOTEIP => $peer, TCPREMOTEPORT => 40000, TCPLOCALPORT => 25,
        TCPLOCALIP => $peer =~ /:/ ? '2001:db8::25' : '203.0.113.25',
        map { /^([A-Z]\w*)=(.*)/ ? ($1 => $2) : () } @fields);
    my $early = @steps && $steps[0] eq 'early';
    shift @steps if $early;
    my $sent = '';
    $sent .= bytes_of(shift @steps) while $early && @steps && $steps[0] =~ /^[+~]/;
    print $client $sent;
    my $h = start(fd0 => $server, env => \%env);
    close $server;
    $h->{client} = $client;
    whole_reply($h) unless $teaser;
    while (@steps) {
        my $together = '';
        $together .= bytes_of(shift @steps) while @steps && $steps[0] =~ /^[+~]/;
        print $client $together if length $together;
        act($h, shift @steps) if @steps;
    }
    close $client;
    my $line = slurp($h->{out});
    ended($h);
    return $line =~ s/\n\z//r;
}

# Times, ports and round trips that go together, in the place of a test's.
sub settled {
    my ($e, $line) = @_;
    my $number = 0;
    $number = ($number * 31 + ord) % 9973 for split //, "$e->{label} $e->{name}";
    my %with = map { split /=/, $_, 2 } split / /, $e->{'='} // '';
    my ($lines) = $line =~ / lines=(\d+)/;
    my $rtt = 12 + $number * 37 % 190;
    my $ms = 8000 + $rtt * ($lines + 2) + 1000 * $lines + ($line =~ / stage=data/ ? 2000 : 0);
    %with = (at => 1764000000 + 61 * $number . '.' . substr(1000 + $number * 373 % 1000, -3),
        pport => 1024 + $number * 4723 % 60000, ms => $ms, rtt => $rtt, %with);
    for my $key (keys %with) {
        $line =~ s/ \Q$key\E=\S*/ $key=$with{$key}/ or $key eq 'rtt' or die "$e->{name}: no $key= in: $line\n";
    }
    $line =~ s/( talk=\w+):[\d.]+:/$1:0.210:/;
    my (undef, @fields) = split / /, $e->{'@'};
    return join ' ', $line, grep { /^[a-z]/ } @fields;
}

# Plays all of them, some at a time, each in a process of its own; the lines in their order.
sub play_sessions {
    my (@entries) = @_;
    my (@lines, @running);
    while (@entries || @running) {
        while (@entries && @running < 16) {
            pipe my $out, my $in or die;
            my $e = shift @entries;
            my ($client, $server) = pair();
            my $pid = fork // die "fork: $!";
            if (!$pid) { print $in played($e, $client, $server); close $in; POSIX::_exit(0) }
            close $_ for $in, $client, $server;
            push @running, [$pid, $out, $e];
        }
        my ($pid, $out, $e) = @{ shift @running };
        my $line = slurp($out);
        waitpid $pid, 0;
        push @lines, settled($e, $line);
    }
    return @lines;
}

1;
