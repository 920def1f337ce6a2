package Verdicts;

# The verdicts of rules on the labelled sessions of tests/data/sessions.

use strict;
use warnings;
use Exporter 'import';
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../cmd";
use Sessions;

our @EXPORT_OK = qw(labelled frozen is_frozen site_rules without_dns dns_facts without judged tally matrix explained
  @honest @apart);

our @honest = qw(server program callout monitor);         # must never be bots
our @apart = qw(alike person device scanner snowshoe);    # counted, but a verdict is never an error

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir(CLEANUP => 1);
my @verdicts = qw(bot suspect clean scanner exempt);
my @dns = qw(ptr fcrdns heloa sendermx dnsbl dnswl);

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> // '' }
sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }

sub labelled { return map { read_sessions($_) } sort glob 'tests/data/sessions/*.txt' }

# The sessions of one day, each with its verdict of that day, `was`.
sub frozen {
    my ($file, $number, @all) = ('tests/eval/frozen', 0);
    for (split /\n/, get($file)) {
        $number++;
        if (/^## (\w+) ([\w-]+) (\w+)$/) {
            push @all, { label => $1, name => $2, was => $3, about => "was $3", file => $file, line_number => $number };
        }
        elsif (/^session1 /) { $all[-1]{line} = $_ }
        elsif (!/^#/) { die "$file:$number: neither comment nor session line\n" }
    }
    return @all;
}

# True if a session is one of that day: it has the same label and name.
my %frozen;
sub is_frozen {
    my ($s) = @_;
    %frozen = map { ("$_->{label} $_->{name}" => 1) } frozen() if !%frozen;
    return $frozen{"$s->{label} $s->{name}"};
}

# The path of a database of the shipped rules and of the rules of the site to which the sessions were played.
sub site_rules {
    my %added;
    /^(\S+) (.*)/ and $added{$1} .= "$2\n" for grep { !/^#/ } split /\n/, get('tests/data/sessions/site');
    mkdir "$dir/rules" or die;
    for my $file (grep { -f && !/Makefile|\.|~/ } glob 'rules/*') {
        my ($name) = $file =~ m{([^/]+)$};
        put("$dir/rules/$name", get($file) . (delete $added{$name} // ''));
    }
    die "no such rule files: ", join(' ', sort keys %added), "\n" if %added;
    system("$bin/sinbin-rules -o $dir/rules.cdb $dir/rules >/dev/null 2>&1") == 0 or die 'sinbin-rules failed';
    return "$dir/rules.cdb";
}

# The same sessions without the fields of sinbin-resolve.
sub without_dns { return map { without($_, @dns) } @_ }

# The names of the DNS fields that a session has.
sub dns_facts { my ($s) = @_; return grep { $s->{line} =~ / $_=/ } @dns }

# The session without some of its fields.
sub without {
    my ($s, @facts) = @_;
    my $any = join '|', @facts;
    return { %$s, line => @facts ? $s->{line} =~ s/ (?:$any)=\S*//gr : $s->{line} };
}

# The sessions with their verdicts, `verdict`, and whether that is an error, `wrong`.
sub judged {
    my ($rules, @all) = @_;
    put("$dir/lines", join '', map { "$_->{line}\n" } @all);
    my @found = map { / verdict=(\w+)$/ ? $1 : 'none' } split /\n/, `$bin/sinbin-score $rules <$dir/lines`;
    die scalar(@found), ' verdicts for ', scalar(@all), " sessions\n" if @found != @all;
    my %honest = map { ($_ => 1) } @honest;
    return map {
        my ($verdict, $label) = ($found[$_], $all[$_]{label});
        my $wrong = $label eq 'bot' ? $verdict ne 'bot' : $honest{$label} && $verdict eq 'bot';
        +{ %{ $all[$_] }, verdict => $verdict, wrong => $wrong }
    } 0 .. $#all;
}

# {bots, known (bots with verdict bot), false (honest clients with verdict bot), count: LABEL -> VERDICT -> N}
sub tally {
    my %t = (bots => 0, known => 0, false => 0);
    for my $s (@_) {
        $t{count}{ $s->{label} }{ $s->{verdict} }++;
        $t{false}++ if $s->{wrong} && $s->{label} ne 'bot';
        next if $s->{label} ne 'bot';
        $t{bots}++;
        $t{known}++ unless $s->{wrong};
    }
    return \%t;
}

sub percent { my ($part, $whole) = @_; return $whole ? sprintf '%.1f %%', 100 * $part / $whole : '-' }

sub matrix {
    my ($t) = @_;
    my $row = '%-9s' . ' %8s' x @verdicts . "\n";
    my $text = sprintf $row, '', @verdicts;
    $text .= sprintf $row, $_, map { $_ || '.' } @{ $t->{count}{$_} }{@verdicts} for 'bot', @honest, @apart;
    return $text . sprintf "precision %s, recall %s\n", percent($t->{known}, $t->{known} + $t->{false}),
      percent($t->{known}, $t->{bots});
}

sub explained {
    my ($rules, $s) = @_;
    put("$dir/lines", "$s->{line}\n");
    return "$s->{label} $s->{name}, $s->{file}:$s->{line_number}: $s->{about}\n"
      . `$bin/sinbin-score -d $rules <$dir/lines`;
}

1;
