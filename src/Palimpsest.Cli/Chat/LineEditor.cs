using System.Globalization;
using Spectre.Console.Rendering;

namespace Palimpsest.Cli.Chat;

/// <summary>Reads lines from a terminal with editing keys, history and completion of commands.</summary>
/// <param name="prompt">Stands before the line.</param>
/// <param name="completions">Words that Tab completes at the start of a line.</param>
internal sealed class LineEditor(string prompt, IReadOnlyList<string> completions)
{
    private readonly LineBuffer _buffer = new();
    private int _row;

    /// <summary>The next line; null at its end (Ctrl-D). Ctrl-C gives up a line.</summary>
    public string? Read()
    {
        var interrupts = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        try
        {
            _buffer.Start();
            _row = 0;
            Draw();
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key == ConsoleKey.Enter || (control && key.Key == ConsoleKey.J))
                    return Finish(_buffer.Accept());
                if (control && key.Key == ConsoleKey.D && _buffer.Text.Length == 0)
                    return Finish(null);
                if (control && key.Key == ConsoleKey.C)
                    return Abandon();
                if (control && key.Key == ConsoleKey.L)
                    Console.Out.Write("\e[2J\e[H");
                Edit(key, control);
                Draw();
            }
        }
        finally
        {
            Console.TreatControlCAsInput = interrupts;
        }
    }

    private string? Finish(string? line)
    {
        _buffer.MoveTo(_buffer.Text.Length);
        Draw();
        Console.Out.Write("\n");
        return line;
    }

    private string Abandon()
    {
        var wasEmpty = _buffer.Text.Length == 0;
        Finish(null);
        if (wasEmpty)
            Console.Out.Write("\e[2mCtrl-D or /exit leaves.\e[0m\n");
        return "";
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        var alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.UpArrow or ConsoleKey.P when key.Key == ConsoleKey.UpArrow || control:
                _buffer.Browse(-1);
                break;
            case ConsoleKey.DownArrow or ConsoleKey.N when key.Key == ConsoleKey.DownArrow || control:
                _buffer.Browse(1);
                break;
            case ConsoleKey.LeftArrow or ConsoleKey.B when key.Key == ConsoleKey.LeftArrow || control || alt:
                _buffer.MoveTo(
                    alt || (control && key.Key == ConsoleKey.LeftArrow) ? _buffer.WordLeft() : _buffer.Left()
                );
                break;
            case ConsoleKey.RightArrow or ConsoleKey.F when key.Key == ConsoleKey.RightArrow || control || alt:
                _buffer.MoveTo(
                    alt || (control && key.Key == ConsoleKey.RightArrow) ? _buffer.WordRight() : _buffer.Right()
                );
                break;
            case ConsoleKey.Home or ConsoleKey.A when key.Key == ConsoleKey.Home || control:
                _buffer.MoveTo(0);
                break;
            case ConsoleKey.End or ConsoleKey.E when key.Key == ConsoleKey.End || control:
                _buffer.MoveTo(_buffer.Text.Length);
                break;
            case ConsoleKey.Backspace or ConsoleKey.H when key.Key == ConsoleKey.Backspace || control:
                _buffer.DeleteTo(alt ? _buffer.WordLeft() : _buffer.Left());
                break;
            case ConsoleKey.Delete or ConsoleKey.D when key.Key == ConsoleKey.Delete || control:
                _buffer.DeleteTo(_buffer.Right());
                break;
            case ConsoleKey.W when control:
                _buffer.DeleteTo(_buffer.WordLeft());
                break;
            case ConsoleKey.U when control:
                _buffer.DeleteTo(0);
                break;
            case ConsoleKey.K when control:
                _buffer.DeleteTo(_buffer.Text.Length);
                break;
            case ConsoleKey.Tab:
                Complete();
                break;
            default:
                if (!control && !char.IsControl(key.KeyChar))
                    _buffer.Insert(key.KeyChar.ToString());
                break;
        }
    }

    private void Complete()
    {
        var fits = completions.Where(word => word.StartsWith(_buffer.Text, StringComparison.Ordinal)).ToArray();
        if (_buffer.Text.StartsWith('/') && fits is [var only])
            _buffer.Replace(only + " ");
    }

    // The cursor's row within the line is known, so that the whole line can be drawn again from its start.
    private void Draw()
    {
        var width = Math.Max(Console.WindowWidth, 10);
        var text = prompt + _buffer.Text;
        var (end, cursor) = (Cells(text), Cells(prompt + _buffer.Text[.._buffer.Cursor]));
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Up(_row)}\r\e[J{text}{(end > 0 && end % width == 0 ? "\n" : "")}"
        );
        _row = cursor / width;
        Console.Out.Write(
            line
                + Up(end / width - _row)
                + "\r"
                + (cursor % width > 0 ? string.Create(CultureInfo.InvariantCulture, $"\e[{cursor % width}C") : "")
        );
    }

    private static int Cells(string text) => new Segment(text).CellCount();

    private static string Up(int rows) => rows > 0 ? string.Create(CultureInfo.InvariantCulture, $"\e[{rows}A") : "";
}
