using Palimpsest.Cli.Chat;

namespace Palimpsest.Cli.Tests;

public sealed class LineBufferTests
{
    private readonly LineBuffer _line = new();

    [Fact]
    public void Text_is_put_in_and_taken_out_at_the_cursor()
    {
        Type("helo wrld");
        _line.MoveTo(3);
        _line.Insert("l");
        Assert.Equal(("hello wrld", 4), (_line.Text, _line.Cursor));
        _line.MoveTo(_line.WordRight());
        _line.MoveTo(_line.WordRight());
        Assert.Equal(10, _line.Cursor);
        _line.DeleteTo(_line.WordLeft());
        Assert.Equal("hello ", _line.Text);
        _line.MoveTo(0);
        _line.DeleteTo(_line.Right());
        Assert.Equal("ello ", _line.Text);
        _line.DeleteTo(_line.Left());
        Assert.Equal("ello ", _line.Text);
        _line.MoveTo(99);
        Assert.Equal(5, _line.Cursor);
        Assert.Equal(5, _line.Right());
    }

    [Fact]
    public void A_character_of_several_code_units_goes_in_one_step()
    {
        Type("a👩‍👧é");
        _line.DeleteTo(_line.Left());
        _line.DeleteTo(_line.Left());
        Assert.Equal("a", _line.Text);
    }

    [Fact]
    public void History_comes_back_and_the_draft_is_kept()
    {
        foreach (var text in new[] { "one", "two", "two", "  ", "three" })
        {
            Type(text);
            _line.Accept();
        }

        Assert.Equal(["one", "two", "three"], _line.History);
        Type("draft");
        _line.Browse(-1);
        _line.Browse(-1);
        Assert.Equal(("two", 3), (_line.Text, _line.Cursor));
        _line.Browse(-1);
        _line.Browse(-1);
        Assert.Equal("one", _line.Text);
        foreach (var expected in new[] { "two", "three", "draft", "draft" })
        {
            _line.Browse(1);
            Assert.Equal(expected, _line.Text);
        }
    }

    [Fact]
    public void A_model_cannot_steer_the_terminal() =>
        Assert.Equal("a\uFFFD[2Jb\n\tc", TerminalText.Printable("a\e[2Jb\n\tc"));

    private void Type(string text)
    {
        _line.Start();
        _line.Insert(text);
    }
}
