#!/usr/bin/perl
# tests/words counts what it says: words of comments, not of code; text of manual pages, not macro lines.
use strict;
use warnings;
use Test::More;
use File::Path 'make_path';
use File::Temp 'tempdir';

# What tests/words -v says of a tree with this C file and this page: exit status, lines found.
sub words {
  my ($code, $page) = @_;
  my $top = tempdir(CLEANUP => 1);
  make_path("$top/src/base");
  for (['a.c', $code], ['a.1', $page]) {
    open my $out, '>', "$top/src/base/$_->[0]" or die;
    print $out $_->[1];
    close $out or die;
  }
  my @said = `perl tests/words -v $top`;
  return join ' ', $? >> 8, map { m{/base/(a\.\w:\d+: [^:]+):} ? $1 : () } @said;
}

my $comment = "/* if */\n" x 9;
my $page = "if\n" x 9;
for my $case (
  ['good text', $comment, $page, '0'],
  ['too few conditions', "/* it is so */\n" x 9, $page, '1'],
  ['too few in the pages', $comment, "it is so\n" x 9, '1'],
  ['a word in a comment', "/* if */ int where; /* it is\n   where it is */\n", $page, '1 a.c:2: where'],
  ['a word after //', "/* if */\n// nobody\n", $page, '1 a.c:2: nobody'],
  ['in code, strings and characters', qq(/* if */ char anew[] = "\\" /* behind */", c = '"'; /* so */), $page, '0'],
  ['a word in a page', $comment, "if\nWhoever waits\n", '1 a.1:2: whoever'],
  ['in macro lines', $comment, ".\\\" behind\n.Em where it stands\nif\n", '0'],
  ['in a longer word, and in capitals', $comment, "if somewhere, standing, SELECT a FROM b WHERE c\n", '0'],
  ['twice in one line', "/* if, anew and anew, stands */\n", $page, '1 a.c:1: anew a.c:1: stands'],
  ['now and then is good enough', $comment . '/* ' . 'if not so ' x 250 . "where */\n", $page, '0 a.c:10: where'],
  )
{
  my ($name, $code, $text, $want) = @$case;
  is words($code, $text), $want, $name;
}
done_testing;
