using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateLexer
{
    private void ReadNumber(int start)
    {
        var isPlace = start > 0 && _source[start - 1] == '.';
        if (!isPlace && RealLiteral().Match(_source, start) is { Success: true } real)
        {
            _at = start + real.Length;
            Add(TemplateTokenKind.Number, real.Value.Replace("_", "", StringComparison.Ordinal), start);
            return;
        }

        var whole = WholeLiteral().Match(_source, start);
        _at = start + whole.Length;
        var value = TemplateNumbers.ParseWhole(whole.Value, 0) ?? throw Error("a number is not written as Python's.");
        Add(TemplateTokenKind.Integer, value.ToString(CultureInfo.InvariantCulture), start);
    }

    [GeneratedRegex(
        @"\G([0-9]+_)*[0-9]+((\.([0-9]+_)*[0-9]+)?[eE][+-]?([0-9]+_)*[0-9]+|\.([0-9]+_)*[0-9]+)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex RealLiteral();

    [GeneratedRegex(
        @"\G(0[bB](_?[01])+|0[oO](_?[0-7])+|0[xX](_?[0-9a-fA-F])+|[1-9](_?[0-9])*|0(_?0)*)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex WholeLiteral();

    private void ReadLiteral(char quote)
    {
        var start = _at;
        var text = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= _source.Length)
                throw Error("a string is not closed.");
            var c = _source[_at];
            if (c == quote)
                break;
            if (c == '\\' && _at + 1 < _source.Length)
                ReadEscape(text);
            else
                text.Append(c);
        }

        _at++;
        Add(TemplateTokenKind.Literal, text.ToString(), start);
    }

    private void ReadEscape(StringBuilder text)
    {
        var c = _source[++_at];
        var digits = c switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (digits > 0)
            ReadScalar(text, digits);
        else if (c is >= '0' and <= '7')
            ReadOctal(text);
        else if (c == 'N')
            throw Error("an escape by a character's name is not supported.");
        else
            text.Append(Escaped(c));
    }

    private static string Escaped(char c) =>
        c switch
        {
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'v' => "\v",
            '\\' => "\\",
            '\'' => "'",
            '"' => "\"",
            '\n' => "",
            _ => $"\\{c}",
        };

    private void ReadScalar(StringBuilder text, int digits)
    {
        if (
            _at + digits >= _source.Length
            || !int.TryParse(
                _source.AsSpan(_at + 1, digits),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var scalar
            )
            || !(Rune.IsValid(scalar) || digits == 4)
        )
            throw Error("an escape in a string is not valid.");
        text.Append(Rune.IsValid(scalar) ? new Rune(scalar).ToString() : ((char)scalar).ToString());
        _at += digits;
    }

    private void ReadOctal(StringBuilder text)
    {
        var value = 0;
        var end = Math.Min(_source.Length, _at + 3);
        while (_at < end && _source[_at] is >= '0' and <= '7')
            value = (value * 8) + (_source[_at++] - '0');
        _at--;
        text.Append((char)value);
    }
}
