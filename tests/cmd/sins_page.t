#!/usr/bin/perl
# sinbin-sins(5) has each sin under its family, in the order of the field sins=, with the weight and mark that
# rules/weights gives it, what it is, who looks alike, and whether a third party can cause it.
use strict;
use warnings;
use Test::More;

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> }

my @sins = map { /^  X\(\w+, "([a-z0-9-]+)", (\w+)\)/ ? { name => $1, family => lc $2 } : () }
  split /\n/, get('src/rule/sinnames.h');
my %weight = map { /^([a-z]\S*) (-?\d+(?: \w+)?) *#/ ? ($1 => $2) : () } split /\n/, get('rules/weights');
cmp_ok scalar(@sins), '>', 60, 'sins are found';
is_deeply [sort keys %weight], [sort map { $_->{name} } @sins], 'each has a weight in rules/weights';

my ($family, $part, @page) = ('');
for (split /\n/, get('src/score/sinbin-sins.5')) {
  if (/^\.Ss Family (\w+)$/) { $family = $1 }
  elsif (/^\.It Cm (\S+)$/ && $family) {
    push @page, { name => $1, family => $family, what => '', Alike => '', Others => '' };
    $part = 'weight';
  }
  elsif (/^\.El$/ || /^\.Sh /) { $part = undef }
  elsif (!defined $part) { }
  elsif ($part eq 'weight') {
    ($page[-1]{weight}) = /^\.Em (.+) \.$/;
    $part = 'what';
  }
  elsif (/^\.Em (Alike|Others) :$/) { $part = $1 }
  elsif ($_ ne '.Pp') { $page[-1]{$part} .= "$_ " }
}
is join(' ', map { $_->{name} } @page), join(' ', map { $_->{name} } @sins), 'the page has all of them, in their order';
my %page = map { $_->{name} => $_ } @page;
for my $sin (@sins) {
  my $name = $sin->{name};
  my $entry = $page{$name} or next;
  is $entry->{family}, $sin->{family}, "$name: its family";
  is(($entry->{weight} // '') =~ s/\\-/-/r, $weight{$name}, "$name: its weight");
  like $entry->{what}, qr/\w.*\. $/, "$name: what it is";
  like $entry->{Others}, qr/\w.*\. $/, "$name: what others can do";
  like $entry->{Alike}, qr/\w.*\. $/, "$name: who looks alike" unless $weight{$name} =~ /^-/;
}

# A sin is sure only if nobody but the client can cause it, or no-smtp keeps what others can cause from condemning.
for my $entry (grep { $_->{weight} =~ /sure/ } @page) {
  like $entry->{Others}, qr/^No[.:]|^Only .*no-smtp|^As /, "$entry->{name} is sure: others cannot cause it";
}
done_testing;
