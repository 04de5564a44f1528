using System.Text.RegularExpressions;

namespace Palimpsest.Tokenizers;

/// <summary>Cuts a template into text and tokens; blocks swallow the line end after and the indent before
/// them.</summary>
internal sealed partial class TemplateLexer
{
    private static readonly string[] Operators =
    [
        "**",
        "//",
        "==",
        "!=",
        "<=",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "~",
        "<",
        ">",
        "=",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        "|",
    ];

    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _at;
    private int _counted;
    private int _line = 1;
    private int _lineStart;
    private bool _trimsNext;
    private bool _dropsLineEnd;

    private TemplateLexer(string source)
    {
        _source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (_source.EndsWith('\n'))
            _source = _source[..^1];
    }

    /// <summary>The tokens of a template; the last is of kind End.</summary>
    public static List<TemplateToken> Read(string source)
    {
        var lexer = new TemplateLexer(source);
        try
        {
            while (lexer._at < lexer._source.Length)
                lexer.ReadText();
        }
        catch (TemplateError error)
        {
            throw lexer.Error(error.Message);
        }

        lexer.Add(TemplateTokenKind.End, "", lexer._at);
        return lexer._tokens;
    }

    private InputException Error(string complaint) => Token(TemplateTokenKind.End, "", _at).Error(complaint);

    private void Add(TemplateTokenKind kind, string value, int start) => _tokens.Add(Token(kind, value, start));

    private TemplateToken Token(TemplateTokenKind kind, string value, int start)
    {
        for (start = Math.Clamp(start, _counted, _source.Length); _counted < start; _counted++)
        {
            if (_source[_counted] == '\n')
                (_line, _lineStart) = (_line + 1, _counted + 1);
        }

        return new TemplateToken(kind, value, _line, start - _lineStart + 1);
    }

    private void ReadText()
    {
        var open = _at;
        while (open < _source.Length && !IsOpening(open))
            open++;
        var text = _source[_at..open];
        if (_dropsLineEnd && text.StartsWith('\n'))
            text = text[1..];
        if (_trimsNext)
            text = TemplateText.Strip(text, null, end: false);
        (_trimsNext, _dropsLineEnd) = (false, false);
        var start = _at;
        _at = open;
        if (open == _source.Length)
        {
            AddText(text, start);
            return;
        }

        var kind = _source[open + 1];
        var sign = open + 2 < _source.Length ? _source[open + 2] : ' ';
        if (sign == '-')
            text = TemplateText.Strip(text, null, start: false);
        else if (kind != '{' && sign != '+')
            text = WithoutIndent(text, open);
        AddText(text, start);
        _at = open + 2 + (sign is '-' or '+' ? 1 : 0);
        if (kind == '#')
            SkipComment();
        else if (kind == '%' && RawStart().Match(_source, _at) is { Success: true } raw)
            ReadRaw(raw);
        else
            ReadTag(kind == '{');
    }

    private bool IsOpening(int at) =>
        _source[at] == '{' && at + 1 < _source.Length && _source[at + 1] is '{' or '%' or '#';

    private void ReadRaw(Match start)
    {
        _at = start.Index + start.Length;
        var end = RawEnd().Match(_source, _at);
        if (!end.Success)
            throw Error("'endraw' is missing.");
        _trimsNext = start.Groups[1].Value == "-";
        var text = _source[_at..end.Index];
        text = TemplateText.Strip(text, null, start: _trimsNext, end: end.Groups[1].Value == "-");
        if (end.Groups[1].Length == 0)
            text = WithoutIndent(text, end.Index);
        AddText(text, _at);
        Closed(end.Groups[2].Length > 0 ? end.Groups[2].Value[0] : ' ', isBlock: true);
        _at = end.Index + end.Length;
    }

    [GeneratedRegex(@"\G\s*raw\s*([-+]?)%\}", RegexOptions.CultureInvariant)]
    private static partial Regex RawStart();

    [GeneratedRegex(@"\{%([-+]?)\s*endraw\s*([-+]?)%\}", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();

    private string WithoutIndent(string text, int open)
    {
        var start = open;
        while (start > 0 && _source[start - 1] is ' ' or '\t' && start > 0)
            start--;
        return start == 0 || _source[start - 1] == '\n' ? text.TrimEnd(' ', '\t') : text;
    }

    private void AddText(string text, int start)
    {
        if (text.Length > 0)
            Add(TemplateTokenKind.Text, text, start);
    }

    private void SkipComment()
    {
        var close = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (close < 0)
            throw Error("a comment is not closed.");
        Closed(close > 0 ? _source[close - 1] : ' ', isBlock: true);
        _at = close + 2;
    }

    private void Closed(char sign, bool isBlock)
    {
        _trimsNext = sign == '-';
        _dropsLineEnd = isBlock && sign != '+';
    }

    private void ReadTag(bool isOutput)
    {
        Add(isOutput ? TemplateTokenKind.OutputStart : TemplateTokenKind.BlockStart, "", _at);
        var depth = 0;
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
                _at++;
            if (_at >= _source.Length)
                throw Error("a tag is not closed.");
            if (depth == 0 && Closing(isOutput) is { } sign)
            {
                Add(isOutput ? TemplateTokenKind.OutputEnd : TemplateTokenKind.BlockEnd, "", _at - 2);
                Closed(sign, !isOutput);
                return;
            }

            ReadToken(ref depth);
        }
    }

    private char? Closing(bool isOutput)
    {
        var end = isOutput ? "}}" : "%}";
        var sign = _source[_at] is '-' or '+' ? _source[_at] : ' ';
        var skip = sign == ' ' ? 0 : 1;
        if (string.CompareOrdinal(_source, _at + skip, end, 0, 2) != 0)
            return null;
        _at += skip + 2;
        return sign;
    }

    private void ReadToken(ref int depth)
    {
        var c = _source[_at];
        if (c is '\'' or '"')
        {
            ReadLiteral(c);
        }
        else if (char.IsAsciiDigit(c))
        {
            ReadNumber(_at);
        }
        else if (char.IsLetter(c) || c == '_')
        {
            var start = _at;
            while (_at < _source.Length && (char.IsLetterOrDigit(_source[_at]) || _source[_at] == '_'))
                _at++;
            Add(TemplateTokenKind.Name, _source[start.._at], start);
        }
        else
        {
            var found =
                Operators.FirstOrDefault(o => string.CompareOrdinal(_source, _at, o, 0, o.Length) == 0)
                ?? throw Error($"{JsonField.Shown(c.ToString())} is not expected.");
            if (found is "{" or "(" or "[")
                depth++;
            else if (found is "}" or ")" or "]")
                depth--;
            Add(TemplateTokenKind.Operator, found, _at);
            _at += found.Length;
        }
    }
}
