namespace Palimpsest.Models.Tests;

public sealed class ElfVersionTableTests
{
    private static readonly byte[] Sample = SyntheticElf.Build(
        ["GLIBCXX_3.4.21", "GLIBCXX_3.4.32", "GLIBCXX_3.4.9"],
        ["GLIBCXX_3.4", "GLIBCXX_3.4.30"]
    );

    [Theory]
    [InlineData("GLIBC_2.34", 0)]
    [InlineData("GLIBCXX_3.4.21", 1)]
    [InlineData("GLIBCXX_3.4.32", 2)]
    [InlineData("GLIBCXX_3.4.9", 3)]
    public void A_need_is_found_at_the_flags_of_its_entry(string version, int entry)
    {
        int[] entries = [64 + 16, 64 + 48, 64 + 64, 64 + 80];
        Assert.Equal(entries[entry] + 4, ElfVersionTable.FindNeed(Sample, version));
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.3")]
    [InlineData("GLIBCXX_3.4.321")]
    [InlineData("GLIBCXX_3.4.30")]
    [InlineData("")]
    public void What_nothing_needs_is_not_found(string version) =>
        Assert.Equal(-1, ElfVersionTable.FindNeed(Sample, version));

    [Theory]
    [InlineData("GLIBCXX_3.4", true)]
    [InlineData("GLIBCXX_3.4.30", true)]
    [InlineData("GLIBCXX_3.4.3", false)]
    [InlineData("GLIBCXX_3.4.32", false)]
    public void An_offered_version_is_known_by_its_whole_name(string version, bool offered) =>
        Assert.Equal(offered, ElfVersionTable.Defines(Sample, version));

    [Fact]
    public void A_file_cut_off_anywhere_is_read_without_an_error()
    {
        for (var length = 0; length < Sample.Length; length++)
        {
            var cut = Sample.AsSpan(0, length);
            Assert.InRange(ElfVersionTable.FindNeed(cut, "GLIBCXX_3.4.32"), -1, Math.Max(-1, length - 2));
            ElfVersionTable.Defines(cut, "GLIBCXX_3.4.32");
        }
    }

    [Fact]
    public void A_file_with_any_byte_changed_is_read_without_an_error_and_to_an_end()
    {
        for (var at = 0; at < Sample.Length; at++)
        {
            foreach (byte value in (byte[])[0, 1, 16, 127, 255])
            {
                byte[] changed = [.. Sample];
                changed[at] = value;
                Assert.InRange(ElfVersionTable.FindNeed(changed, "GLIBCXX_9"), -1, changed.Length - 2);
                ElfVersionTable.Defines(changed, "GLIBCXX_9");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("#!/bin/sh and then a script that is longer than the header of an ELF file would be")]
    public void What_is_no_ELF_file_needs_and_offers_nothing(string text)
    {
        var file = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(-1, ElfVersionTable.FindNeed(file, "GLIBCXX_3.4.32"));
        Assert.False(ElfVersionTable.Defines(file, "GLIBCXX_3.4.32"));
    }
}
