namespace Weft.Proxy.HttpFilters.MatchDelegate;

/// <summary>The request passes the filter by.</summary>
internal sealed class SkipAction : DelegateAction
{
    public static readonly SkipAction Instance = new();

    public override string ToString() => "passes the filter by";
}
