#!/usr/bin/perl
# References to manual pages lead somewhere, and the manuals name each field of the session line, each fact of did=,
# each rule file and each format of lists. (sins_page.t: each sin.)
use strict;
use warnings;
use File::Find;
use Test::More;

sub get { my ($path) = @_; open my $f, '<', $path or die "$path: $!"; local $/; return <$f> }

# Pages of other programs and of the system. A new one is added here after a look that it exists.
my %known = map { $_ => 1 } qw(
  awk(1) env(1) execlineb(1) grep(1) gzip(1) make(1) multilog(8) rsync(1) s6-log(1) s6-setuidgid(8) s6-supervise(8)
  sh(1) sqlite3(1) systemd(1) tcprules(1) tcpserver(1) rename(2) seccomp(2) send(2) splice(2) write(2)
  sd_listen_fds(3) crontab(5) systemd.socket(5) inotify(7) chroot(8) inetd(8) rbldnsd(8));

my @pages = sort glob 'src/*/*.[1-9]';
my %ours = map { m{/([^/]+)\.(\d)$} ? ("$1($2)" => $_) : () } @pages;
cmp_ok scalar(@pages), '>', 10, 'manual pages are found';
is_deeply [grep { $known{$_} } keys %ours], [], 'no page of ours is taken for that of another program';

# The pages that .Xr names, and the headings that .Sx names without another page after it.
sub references {
  my ($text) = @_;
  my @to = map { "$_->[0]($_->[1])" } map { [split] } $text =~ /^\.(?:.* )?Xr (\S+ \d)/mg;
  return sort @to;
}

is join(' ', references(".Xr a 1 ,\n.Pq Xr b 8 .\n.It Xr c 2\nXr d 3\n.\\\" x\n")), 'a(1) b(8) c(2)', 'references are seen';
my %used;
for my $page (@pages) {
  my $text = get($page);
  my ($title, $section) = $text =~ /^\.Dt (\S+) (\d)$/m;
  is $ours{ lc($title // '') . '(' . ($section // '') . ')' }, $page, "$page: title and section are those of the file";
  my @to = references($text);
  $used{$_} = 1 for @to;
  is join(' ', grep { !$ours{$_} && !$known{$_} } @to), '', "$page: the pages that it names exist";
  my %heading = map { $_ => 1 } map { get($_) =~ /^\.S[hs] (.*)/mg } $page, map { $ours{$_} // () } @to;
  is join(', ', grep { !$heading{ s/"//gr } } $text =~ /^\.(?:.* )?Sx (.*?)(?: No .*| Ns .*| [.,;:)]+)*$/mg), '', "$page: so do the sections";
}
is join(' ', grep { !$used{$_} } sort keys %known), '', 'each page of another program is named somewhere';

# sinbin-NAME(N) in comments and other text.
my @files = ('README');
find({ no_chdir => 1, wanted => sub { push @files, $_ if -f && !/\.(?:[1-9]|cdb|tmp)$/ } }, qw(src rules service));
push @files, glob('tests/README'), glob('package/*'), glob('bin/.gitignore');
cmp_ok scalar(@files), '>', 300, 'files are found';
for my $file (sort @files) {
  my @wrong = grep { !$ours{$_} } get($file) =~ /(?<![\w-])(sinbin(?:-[a-z]+)?\(\d\))/g;
  is "@wrong", '', "$file names pages that exist" if @wrong || $file eq 'README';
}

# The tags of the lists of a part of a page. Lists within lists are left out.
sub tags {
  my ($page, $from, $to) = @_;
  my ($part) = get($page) =~ /^\.S[hs] \Q$from\E\n(.*?)^\.S[hs] \Q$to\E$/ms or die "$page: no $from before $to";
  my ($depth, @tags) = 0;
  for (split /\n/, $part) {
    if (/^\.Bl /) { $depth++ }
    elsif (/^\.El/) { $depth-- }
    elsif ($depth == 1 && /^\.It (?:Cm|Pa) (.*)/) { push @tags, split / , /, $1 }
  }
  return @tags;
}

sub names_in { my ($path, $pattern) = @_; return get($path) =~ /$pattern/g }

my $session = 'src/line/sinbin-session.5';
is join(' ', tags($session, 'From sinbin-smtpd', 'Facts'), tags($session, 'From other programs', 'From sinbin-resolve')),
  join(' ', names_in('src/line/sessionline.c', qr/^ *\{KEY\("(\w+)"\)/m), 'unread'), 'all fields, in the order of the line';
is join(' ', tags($session, 'Facts', 'Early talk')),
  join(' ', names_in('src/smtp/fact.c', qr/^ *X\(FACT_\w+, "([\w-]+)"\)/m)), 'all facts, in the order of did=';

my $rules = 'src/rule/sinbin-rules.5';
my %file = map { s/ .*//r =~ s{/$}{}r => 1 } tags($rules, 'FILES', 'DATABASE');
is join(' ', sort keys %file), join(' ', sort(names_in('src/rule/rulefile.c', qr/^ *\{\.name = "([\w-]+)"/m), 'tables.d')),
  'all rule files';
my %format = map { s/ .*//r => 1 } grep { /^[a-z]+( Ta|$)/ } tags($rules, 'Published lists', 'What a list says');
is join(' ', sort keys %format), join(' ', sort(names_in('src/rule/format.c', qr/\.name = "([\w-]+)"/))),
  'all formats of lists';
done_testing;
