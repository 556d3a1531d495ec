using System.Text;
using Weft.Http;
using Weft.Http.Urls;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Does to a request what a verdict says.</summary>
internal static class RequestChanges
{
    /// <summary>In Envoy's order: set, added, appended, removed, then the query.</summary>
    public static void Apply(AuthzVerdict verdict, HeaderMap headers)
    {
        foreach (var header in verdict.Set) headers.Set(header.Name, header.Value);
        foreach (var header in verdict.Added) headers.Add(header.Name, header.Value);
        foreach (var header in verdict.Appended)
        {
            if (headers.Has(header.Name)) headers.Append(header.Name, header.Value, ","u8);
        }

        foreach (var name in verdict.Removed)
        {
            // Without these it would be no request.
            if (name.Length > 0 && name[0] != ':' && !name.Equals("host", StringComparison.OrdinalIgnoreCase)) headers.Remove(new HeaderName(name));
        }

        if (verdict.ParametersSet.Count + verdict.ParametersRemoved.Count > 0) ChangeQuery(verdict, headers);
    }

    private static void ChangeQuery(AuthzVerdict verdict, HeaderMap headers)
    {
        var path = headers.Get(KnownHeader.Path);
        var parameters = new List<(string Key, string Value)>();
        foreach (var parameter in new QueryString(path)) parameters.Add((Encoding.UTF8.GetString(parameter.Name), Encoding.UTF8.GetString(parameter.Value)));
        foreach (var (key, value) in verdict.ParametersSet)
        {
            parameters.RemoveAll(parameter => parameter.Key == key);
            parameters.Add((key, value));
        }

        foreach (var key in verdict.ParametersRemoved) parameters.RemoveAll(parameter => parameter.Key == key);
        var question = path.IndexOf((byte)'?');
        var bare = Encoding.UTF8.GetString(question < 0 ? path : path[..question]);
        var query = string.Join('&', parameters.Select(static parameter => $"{parameter.Key}={parameter.Value}"));
        var changed = Encoding.UTF8.GetBytes(query.Length > 0 ? $"{bare}?{query}" : bare);
        // A space or a line end in it would make another request of it.
        if (FieldText.IsValue(changed) && !changed.AsSpan().Contains((byte)' ')) headers.Set(KnownHeader.Path, changed);
    }
}
