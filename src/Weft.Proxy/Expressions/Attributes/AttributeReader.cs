namespace Weft.Proxy.Expressions.Attributes;

/// <summary>Reads an attribute; an error when the request has none such.</summary>
internal delegate CelValue AttributeReader(in CelContext context);

/// <summary>Attributes under one name (<c>request</c>): an object whose fields are read by name.</summary>
internal sealed class AttributeGroup(Dictionary<string, AttributeReader> fields) : CelMap
{
    /// <summary>The reader of a field whose name is known when an expression is compiled; null when there is no such field.</summary>
    public AttributeReader? Reader(string field) => fields.GetValueOrDefault(field);

    public IEnumerable<string> Names => fields.Keys;

    public override CelValue Find(in CelContext context, in CelValue key)
    {
        if (key.Kind != CelKind.String)
            return CelErrors.NoSuchKey;
        foreach (var (name, reader) in fields)
        {
            if (System.Text.Ascii.Equals(key.Text, name))
                return reader(context);
        }

        return CelErrors.NoSuchKey;
    }

    /// <summary>As in Envoy, attributes are not listed.</summary>
    public override int Count(in CelContext context) => 0;

    public override CelValue[] Keys(in CelContext context) => [];
}
