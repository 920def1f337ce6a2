#!/usr/bin/perl
# The labelled sessions of tests/data/sessions are what the handler makes of what their clients do: each is
# played to it again and must give the line that stands there. With --write as argument the lines are written anew.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Handler;
use Sessions;
use Test::More;

my $write = @ARGV && $ARGV[0] eq '--write';
my (@all, %seen);
push @all, read_sessions($_) for sort glob 'tests/data/sessions/*.txt';
cmp_ok scalar @all, '>=', 150, 'enough of them';
is join(' ', grep { $seen{$_}++ } map { "$_->{label} $_->{name}" } @all), '', 'each has a name of its own';

my @lines = play_sessions(@all);
my %line_of = map { ("$all[$_]{label} $all[$_]{name}" => $lines[$_]) } 0 .. $#all;
for my $i (0 .. $#all) {
    my $e = $all[$i];
    next if $write;
    is $lines[$i], $e->{line} // 'no line', "$e->{label} $e->{name}";
}

# An entry ends with its line: what stood there goes, what was played comes.
sub write_file {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    my @text = grep { /^#|^$/ } <$in>;
    close $in;
    my $out = '';
    my $due;
    for (@text, "\n") {
        if (defined $due && !/^#[\@>=] /) { $out .= "$due\n"; undef $due }
        $due = $line_of{"$1 $2"} if /^## (\w+) ([\w-]+): /;
        $out .= $_;
    }
    $out =~ s/\n+\z/\n/;
    open my $to, '>', $file or die "$file: $!";
    print $to $out;
    close $to or die "$file: $!";
}
if ($write) { write_file($_) for glob 'tests/data/sessions/*.txt' }
done_testing;
