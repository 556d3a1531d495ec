using System.Text;
using Weft.Http;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>Headers by their lower-case names; several of one name are one value with commas.</summary>
internal sealed class HeadersMap : CelMap
{
    public static readonly HeadersMap Request = new(static (in CelContext context) => context.Request.RequestHeaders);
    public static readonly HeadersMap Response = new(static (in CelContext context) => context.Request.ResponseHeaders);
    public static readonly HeadersMap ResponseTrailers = new(static (in CelContext context) => context.Request.ResponseTrailers);

    private readonly HeaderSource _source;

    private HeadersMap(HeaderSource source) => _source = source;

    private delegate HeaderMap? HeaderSource(in CelContext context);

    /// <summary>Reads a header whose name is known when an expression is compiled.</summary>
    public AttributeReader Reader(string name)
    {
        var header = new HeaderName(name);
        return (in CelContext context) => Find(context, header);
    }

    public override CelValue Find(in CelContext context, in CelValue key) =>
        key.Kind == CelKind.String ? Find(context, new HeaderName(Encoding.UTF8.GetString(key.Text))) : CelErrors.NoSuchKey;

    public override int Count(in CelContext context) => _source(context)?.Count ?? 0;

    public override CelValue[] Keys(in CelContext context)
    {
        if (_source(context) is not { } headers)
            return [];
        var keys = new List<CelValue>(headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            if (IsFirstOfItsName(headers, i))
                keys.Add(context.Scratch.String(headers.NameAt(i)));
        }

        return [.. keys];
    }

    private CelValue Find(in CelContext context, HeaderName name)
    {
        if (_source(context) is not { } headers)
            return CelErrors.NoSuchKey;
        var first = headers.IndexOf(name);
        return first < 0 ? CelErrors.NoSuchKey : context.Scratch.String(HeaderValues.Joined(headers, name, first));
    }

    private static bool IsFirstOfItsName(HeaderMap headers, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (headers.NameAt(i).SequenceEqual(headers.NameAt(index)))
                return false;
        }

        return true;
    }
}
