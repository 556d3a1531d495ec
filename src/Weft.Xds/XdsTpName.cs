using System.Text;

namespace Weft.Xds;

/// <summary>
/// The name of a resource that says whose it is: <c>xdstp://authority/type/id?key=value</c>. With an id that ends in <c>*</c> it is a
/// collection: all resources whose names differ only in the last part of the id. Immutable; any thread.
/// </summary>
public sealed class XdsTpName
{
    private const string Scheme = "xdstp:";
    private const string Start = "xdstp://";
    private const string ReservedInAuthority = "%/?#";
    private const string ReservedInId = "%?#[]";
    private const string ReservedInContext = "%#[]&=";

    private readonly SortedDictionary<string, string> _context;

    private XdsTpName(string authority, string type, string id, SortedDictionary<string, string> context) => (Authority, Type, Id, _context) = (authority, type, id, context);

    /// <summary>Who it comes from; may be empty.</summary>
    public string Authority { get; }

    /// <summary>The full name of the message.</summary>
    public string Type { get; }

    /// <summary>The rest of the path, which may have slashes.</summary>
    public string Id { get; }

    /// <summary>What tells resources of the same id apart.</summary>
    public IReadOnlyDictionary<string, string> Context => _context;

    /// <summary>A collection rather than one resource.</summary>
    public bool IsGlob => Id == "*" || Id.EndsWith("/*", StringComparison.Ordinal);

    /// <summary>Whether a name claims to be of this form.</summary>
    public static bool HasScheme(string name) => name.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Whether a name is that of a collection.</summary>
    public static bool IsCollection(string? name) => name is not null && HasScheme(name) && Parse(name, out _) is { IsGlob: true };

    /// <summary>Null, with the fault, when it is not of this form.</summary>
    public static XdsTpName? Parse(string text, out string fault)
    {
        fault = "";
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        if (!text.StartsWith(Start, StringComparison.Ordinal))
            fault = $"{text} does not have an xdstp: scheme";
        else if (fragment >= 0)
            fault = DirectiveFault(text[(fragment + 1)..], text);
        if (fault.Length > 0)
            return null;
        var (path, query) = Split(text[Start.Length..], '?');
        var (authority, rest) = Split(path, '/');
        var (type, id) = Split(rest, '/');
        if (type.Length > 0)
            return new XdsTpName(Decode(authority), type, Decode(id), ReadContext(query));
        fault = $"Resource type missing from /{rest}";
        return null;
    }

    /// <summary>Why a locator with directives (<c>#alt=...,entry=...</c>) cannot be used: Envoy reads them too, but follows none.</summary>
    /// <param name="fragment">What follows the <c>#</c>.</param>
    /// <param name="text">The locator.</param>
    public static string DirectiveFault(string fragment, string text)
    {
        var first = fragment.Split(',')[0];
        var isKnown = first.StartsWith("alt=", StringComparison.Ordinal) || first.StartsWith("entry=", StringComparison.Ordinal);
        return isKnown ? $"{text}: the directive {Split(first, '=').Before} is not implemented" : $"Unknown fragment component {first}";
    }

    /// <summary>The one way to write a name, so that names can be compared; what is not of this form stays as it is.</summary>
    public static string Canonical(string name) => HasScheme(name) && Parse(name, out _) is { } parsed ? parsed.ToString() : name;

    /// <summary>The name, in its canonical form, of the collection that a resource is in; null when its name is not of this form.</summary>
    public static string? CollectionOf(string name) => HasScheme(name) && Parse(name, out _) is { } parsed ? parsed.Collection().ToString() : null;

    /// <summary>The same with more context; what it says itself counts more.</summary>
    public XdsTpName Within(IReadOnlyDictionary<string, string> context)
    {
        var all = new SortedDictionary<string, string>(_context, StringComparer.Ordinal);
        foreach (var (key, value) in context)
            all.TryAdd(key, value);
        return new XdsTpName(Authority, Type, Id, all);
    }

    /// <summary>Canonical: encoded alike, context in the order of its keys.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Start);
        Encode(Authority, ReservedInAuthority, text);
        text.Append('/').Append(Type);
        if (Id.Length > 0)
            Encode(Id, ReservedInId, text.Append('/'));
        var separator = '?';
        foreach (var (key, value) in _context)
        {
            Encode(key, ReservedInContext, text.Append(separator));
            Encode(value, ReservedInContext, text.Append('='));
            separator = '&';
        }

        return text.ToString();
    }

    private XdsTpName Collection() => new(Authority, Type, Id[..(Id.LastIndexOf('/') + 1)] + "*", _context);

    private static SortedDictionary<string, string> ReadContext(string query)
    {
        var context = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Split(pair, '=');
            context.TryAdd(Decode(key), Decode(value));
        }

        return context;
    }

    private static (string Before, string After) Split(string text, char at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text);

    private static void Encode(string text, string reserved, StringBuilder output)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is >= (byte)' ' and < (byte)'~' && !reserved.Contains((char)octet, StringComparison.Ordinal))
                output.Append((char)octet);
            else
                output.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
