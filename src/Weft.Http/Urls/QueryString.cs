namespace Weft.Http.Urls;

/// <summary>
/// The parameters in the query of a path, as they are written (not decoded), in their order: <c>foreach (var p in new
/// QueryString(path))</c>. A parameter without <c>=</c> has an empty value. No allocation.
/// </summary>
public ref struct QueryString
{
    private const int MaxOnStack = 1024;

    private ReadOnlySpan<byte> _rest;

    /// <param name="path">A :path; a fragment is not expected in it.</param>
    public QueryString(ReadOnlySpan<byte> path)
    {
        var query = path.IndexOf((byte)'?');
        _rest = query < 0 ? default : path[(query + 1)..];
        Current = default;
    }

    public QueryParameter Current { get; private set; }

    public readonly QueryString GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        var end = _rest.IndexOf((byte)'&');
        var parameter = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        var equals = parameter.IndexOf((byte)'=');
        Current = equals < 0
            ? new QueryParameter { Name = parameter }
            : new QueryParameter { Name = parameter[..equals], Value = parameter[(equals + 1)..] };
        return true;
    }

    /// <summary>The value of the first parameter of that name; false when there is none.</summary>
    public static bool TryFind(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var parameter in new QueryString(path))
        {
            if (!parameter.Name.SequenceEqual(name)) continue;
            value = parameter.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Takes every parameter of that name out of a request's path; the others stay as they are written.</summary>
    public static void Remove(HeaderMap headers, ReadOnlySpan<byte> name)
    {
        var path = headers.Get(KnownHeader.Path);
        var query = path.IndexOf((byte)'?');
        if (query < 0) return;
        Span<byte> kept = path.Length <= MaxOnStack ? stackalloc byte[path.Length] : new byte[path.Length];
        path[..query].CopyTo(kept);
        var length = query;
        var parameters = path[(query + 1)..];
        foreach (var range in parameters.Split((byte)'&'))
        {
            var parameter = parameters[range];
            if (parameter.StartsWith(name) && (parameter.Length == name.Length || parameter[name.Length] == '=')) continue;
            kept[length] = length == query ? (byte)'?' : (byte)'&';
            parameter.CopyTo(kept[(length + 1)..]);
            length += 1 + parameter.Length;
        }

        headers.Set(KnownHeader.Path, kept[..length]);
    }
}

/// <summary>One parameter of a <see cref="QueryString"/>, as written.</summary>
public ref struct QueryParameter
{
    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }
}
