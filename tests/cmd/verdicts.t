#!/usr/bin/perl
# What the shipped rules make of the labelled sessions of tests/data/sessions: how many bots they know, and that
# they take nobody honest for one. Prints how labels and verdicts meet, and each line that is wrong with its
# explanation; `make eval-sessions` shows it to people.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Sessions;
use Test::More;
use File::Temp qw(tempdir);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir(CLEANUP => 1);
my @verdicts = qw(bot suspect clean scanner exempt);
my @honest = qw(server program callout monitor);    # never to be taken for bots
my @apart = qw(alike person device scanner snowshoe);  # counted, but neither kind of error
my $dns = qr/ (?:ptr|fcrdns|heloa|sendermx|dnsbl|dnswl)=\S*/;

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> // '' }
sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }

# The shipped rules, and those of the site that the sessions were played to.
sub database {
    my %added;
    /^(\S+) (.*)/ and $added{$1} .= "$2\n" for grep { !/^#/ } split /\n/, get('tests/data/sessions/site');
    mkdir "$dir/rules" or die;
    for my $file (grep { -f && !/Makefile|\.|~/ } glob 'rules/*') {
        my ($name) = $file =~ m{([^/]+)$};
        put("$dir/rules/$name", get($file) . (delete $added{$name} // ''));
    }
    is(join(' ', sort keys %added), '', 'no rule file that nobody knows');
    system("$bin/sinbin-rules -o $dir/rules.cdb $dir/rules >/dev/null") == 0 or die 'sinbin-rules failed';
}

sub verdicts_of {
    my (@lines) = @_;
    put("$dir/lines", join '', map { "$_\n" } @lines);
    return map { / verdict=(\w+)$/ ? $1 : 'none' } split /\n/, `$bin/sinbin-score $dir/rules.cdb <$dir/lines`;
}

sub explained {
    my ($line) = @_;
    put("$dir/lines", "$line\n");
    return `$bin/sinbin-score -d $dir/rules.cdb <$dir/lines`;
}

sub show_matrix {
    my ($count) = @_;
    my $row = '%-9s' . ' %8s' x @verdicts;
    note sprintf $row, '', @verdicts;
    note sprintf $row, $_, map { $_ || '.' } @{ $count->{$_} }{@verdicts} for 'bot', @honest, @apart;
}

sub show_wrong {
    my ($e, $verdict) = @_;
    my $text = explained($e->{line});
    note "$e->{label} $e->{name}: $verdict ($e->{about}; $e->{file}:$e->{line_number})\n$text";
}

sub sum { my $sum = 0; $sum += $_ // 0 for @_; return $sum }
sub percent { my ($part, $whole) = @_; return $whole ? sprintf '%.1f %%', 100 * $part / $whole : '-' }

# Counts, shows and returns (false bots, known bots, bots).
sub evaluate {
    my ($title, $wrong_too, @all) = @_;
    my @found = verdicts_of(map { $_->{line} } @all);
    is(scalar @found, scalar @all, "$title: every line has its verdict");
    my (%count, @wrong);
    for my $i (0 .. $#all) {
        my $e = $all[$i];
        $count{ $e->{label} }{ $found[$i] }++;
        my $is_bot = $found[$i] eq 'bot';
        my $is_wrong = $e->{label} eq 'bot' ? !$is_bot : $is_bot && grep { $_ eq $e->{label} } @honest;
        push @wrong, [$e, $found[$i]] if $is_wrong;
    }
    my ($known, $bots) = ($count{bot}{bot} // 0, sum(values %{ $count{bot} }));
    my $false = sum(map { $count{$_}{bot} } @honest);
    note "\n$title";
    show_matrix(\%count);
    note 'precision ' . percent($known, $known + $false) . ", recall " . percent($known, $bots);
    if ($wrong_too) { show_wrong(@$_) for @wrong }
    return ($false, $known, $bots, \%count);
}

database();
my @all = map { read_sessions($_) } sort glob 'tests/data/sessions/*.txt';
my ($false, $known, $bots, $count) = evaluate('with the facts of DNS', 1, @all);
cmp_ok $bots, '>=', 70, 'kinds of bots enough';
is $false, 0, 'no mail server and no mail program is taken for a bot';
cmp_ok $known / $bots, '>=', 0.95, 'of the bots at least 95 % are known';

my @blind = map { { %$_, line => $_->{line} =~ s/$dns//gr } } @all;
is scalar(grep { $_->{line} =~ /ptr=|heloa=|dnsbl=/ } @blind), 0, 'no fact of DNS is left';
($false) = evaluate('without them', 0, @blind);
is $false, 0, 'nor is an honest one without the facts of DNS';
done_testing;
