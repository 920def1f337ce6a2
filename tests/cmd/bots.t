#!/usr/bin/perl
# A scripted client for each sin: it does to a real handler what its transcript in tests/data/bots says,
# the session line must have the facts written there, and a scorer with the shipped rules must find
# the sin. Beside the transcript's letters (Handler.pm): T FILE LINE adds a line to a rule file, A gives
# fields that a resolver would add, V is what the scorer adds.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Handler;
use Test::More;
use File::Temp qw(tempdir);

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir(CLEANUP => 1);

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> // '' }
sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }

# A database of the shipped rules and these lines; FILE LINE each.
sub database {
    my (@added) = @_;
    my %added;
    /^(\S+) (.*)/ and $added{$1} .= "$2\n" for @added;
    my $rules = tempdir(DIR => $dir);
    for my $file (grep { -f && !/Makefile|\.|~/ } glob 'rules/*') {
        my ($name) = $file =~ m{([^/]+)$};
        put("$rules/$name", get($file) . (delete $added{$name} // ''));
    }
    put("$rules/$_", $added{$_}) for keys %added;
    system("$bin/sinbin-rules -o $rules.cdb $rules 2>/dev/null") == 0 or die 'sinbin-rules failed';
    return "$rules.cdb";
}

# What the scorer adds to a line, without the version of the rules.
sub judged {
    my ($line, $database) = @_;
    put("$dir/line", $line);
    my $scored = `$bin/sinbin-score $database <$dir/line`;
    return "not appended: $scored" if substr($scored, 0, length($line) - 1) ne substr($line, 0, -1);
    return substr($scored, length($line) - 1) =~ s/ rules=[0-9a-f]{16}//r =~ s/^ //r =~ s/\n\z//r;
}

my $shipped = database();
my %shown;
for my $file (sort glob 'tests/data/bots/*.txt') {
    my ($sin) = $file =~ m{([^/]+)\.txt$};
    my ($line, @own) = transcript($file);
    my @tables = map { /^T (.*)/ ? $1 : () } @own;
    my ($more) = map { /^A (.*)/ ? $1 : () } @own;
    my ($want) = map { /^V (.*)/ ? $1 : () } @own;
    $line =~ s/\n\z/ $more\n/ if $more;
    is(judged($line, @tables ? database(@tables) : $shipped), $want, "$sin: verdict");
    $shown{$sin} = 1 if $want =~ /^sins=(?:\S+,)?\Q$sin\E[, ]/;
}
$shown{abandoned} = 1;    # takes a watch of 90 seconds: tests/unit/session.c has a clock for that
my @unseen = grep { !$shown{$_} } map { /^([a-z]\S*)/ ? $1 : () } split /\n/, get('rules/weights');
is("@unseen", '', 'each sin of rules/weights is shown by the file of its name');
done_testing();
