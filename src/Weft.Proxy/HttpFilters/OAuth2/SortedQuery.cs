using System.Text;
using Weft.Http.Urls;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>The parameters of a query in the order of their names, as they are written (not decoded). One thread.</summary>
internal sealed class SortedQuery
{
    private readonly SortedDictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public SortedQuery(ReadOnlySpan<byte> path)
    {
        foreach (var parameter in new QueryString(path))
        {
            var name = Encoding.UTF8.GetString(parameter.Name);
            if (!_values.TryGetValue(name, out var values)) _values[name] = values = [];
            values.Add(Encoding.UTF8.GetString(parameter.Value));
        }
    }

    /// <summary>Replaces all of that name.</summary>
    public void Overwrite(string name, string value) => _values[name] = [value];

    /// <summary>With the question mark; empty when there are none.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, values) in _values)
        {
            foreach (var value in values) text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(value);
        }

        return text.ToString();
    }
}
