namespace Weft.Http;

// Names as the sender wrote them, kept beside the lower-case ones when a codec is told to.
public sealed partial class HeaderMap
{
    private OriginalNames? _originalNames;
    private bool _keepsNames;

    /// <summary>How the sender wrote the names of the headers; null unless its codec preserves that.</summary>
    public OriginalNames? OriginalNames => _keepsNames ? _originalNames : null;

    /// <summary>From now on, until <see cref="Clear"/>, names are kept.</summary>
    internal OriginalNames KeepNames()
    {
        _originalNames ??= new OriginalNames();
        _originalNames.Clear();
        _keepsNames = true;
        return _originalNames;
    }

    private void CopyNames(HeaderMap other)
    {
        if (other.OriginalNames is { } names) KeepNames().CopyFrom(names);
    }
}
