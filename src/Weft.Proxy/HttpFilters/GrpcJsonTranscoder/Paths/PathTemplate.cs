using System.Text;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

/// <summary>
/// A path of google.api.HttpRule: literal segments, <c>*</c> for one, <c>**</c> for all that are left, <c>{field=...}</c> around those whose text
/// goes into a field, and behind a colon a verb. Immutable; any thread.
/// </summary>
internal sealed class PathTemplate
{
    private static readonly byte[] s_one = "*"u8.ToArray();
    private static readonly byte[] s_rest = "**"u8.ToArray();

    private readonly List<byte[]> _segments = [];
    private readonly List<PathVariable> _variables = [];

    private PathTemplate()
    {
    }

    /// <summary>Behind the colon; empty: there is none.</summary>
    public string Verb { get; private set; } = "";

    public IReadOnlyList<PathVariable> Variables => _variables;

    /// <summary>Its last segment takes all that are left.</summary>
    private bool TakesRest => _segments.Count > 0 && _segments[^1] == s_rest;

    /// <summary>Null when the text is no template.</summary>
    public static PathTemplate? Parse(string text)
    {
        if (!text.StartsWith('/')) return null;
        var template = new PathTemplate();
        var at = 1;
        return template.ParseSegments(text, ref at, end: '\0') && template.ParseVerb(text, at) && template.IsWellFormed() ? template : null;
    }

    /// <summary>The segments of a path match.</summary>
    public bool Matches(ReadOnlySpan<byte> path, ReadOnlySpan<Range> segments)
    {
        var @fixed = TakesRest ? _segments.Count - 1 : _segments.Count;
        if (TakesRest ? segments.Length < @fixed : segments.Length != @fixed) return false;
        for (var i = 0; i < @fixed; i++)
        {
            if (_segments[i] != s_one && !path[segments[i]].SequenceEqual(_segments[i])) return false;
        }

        return true;
    }

    /// <summary>Which of two is asked first: literals before <c>*</c> before <c>**</c>, from the left.</summary>
    public static int Compare(PathTemplate a, PathTemplate b)
    {
        for (var i = 0; i < Math.Min(a._segments.Count, b._segments.Count); i++)
        {
            var order = Rank(a._segments[i]).CompareTo(Rank(b._segments[i]));
            if (order != 0) return order;
        }

        return b._segments.Count.CompareTo(a._segments.Count);
    }

    private static int Rank(byte[] segment) => segment == s_rest ? 2 : segment == s_one ? 1 : 0;

    private bool ParseSegments(string text, ref int at, char end)
    {
        while (true)
        {
            if (at < text.Length && text[at] == '{' ? end != '\0' || !ParseVariable(text, ref at) : !ParseSegment(text, ref at, end)) return false;
            if (at == text.Length || text[at] != '/') return true;
            at++;
        }
    }

    private bool ParseSegment(string text, ref int at, char end)
    {
        var start = at;
        while (at < text.Length && text[at] is not ('/' or '{' or '}' or '=') && !(text[at] == ':' && end == '\0')) at++;
        if (at == start) return false;
        var segment = text[start..at];
        _segments.Add(segment == "*" ? s_one : segment == "**" ? s_rest : Encoding.UTF8.GetBytes(segment));
        return true;
    }

    private bool ParseVariable(string text, ref int at)
    {
        var nameEnd = text.AsSpan(at).IndexOfAny('=', '}');
        if (nameEnd < 2) return false;
        var name = text.Substring(at + 1, nameEnd - 1);
        at += nameEnd;
        var first = _segments.Count;
        if (text[at] == '}')
        {
            _segments.Add(s_one);
        }
        else
        {
            at++;
            if (!ParseSegments(text, ref at, end: '}') || at == text.Length || text[at] != '}') return false;
        }

        at++;
        _variables.Add(new PathVariable(name, first, _segments.Count, _segments[^1] == s_rest));
        return true;
    }

    private bool ParseVerb(string text, int at)
    {
        if (at == text.Length) return true;
        if (text[at] != ':') return false;
        Verb = text[(at + 1)..];
        return Verb.Length > 0 && !Verb.Contains('/', StringComparison.Ordinal);
    }

    private bool IsWellFormed()
    {
        for (var i = 0; i < _segments.Count - 1; i++)
        {
            if (_segments[i] == s_rest) return false;
        }

        return true;
    }
}

/// <summary>A variable of a template.</summary>
/// <param name="FieldPath">Where its text goes, with dots.</param>
/// <param name="First">Its first segment.</param>
/// <param name="End">Behind its last one.</param>
/// <param name="TakesRest">It goes on to the end of the path.</param>
internal sealed record PathVariable(string FieldPath, int First, int End, bool TakesRest)
{
    /// <summary>It may hold slashes.</summary>
    public bool IsMultipart => TakesRest || End - First > 1;

    /// <summary>Its text in a path, as it stands there.</summary>
    public ReadOnlySpan<byte> TextIn(ReadOnlySpan<byte> path, ReadOnlySpan<Range> segments)
    {
        var end = TakesRest ? segments.Length : End;
        return First >= end ? default : path[segments[First].Start.Value..segments[end - 1].End.Value];
    }
}
