using Weft.Proxy.Formatting;

namespace Weft.Proxy.Expressions;

/// <summary>One evaluation: what it is about, and the memory that it works in.</summary>
internal readonly ref struct CelContext(in FormatContext request, CelScratch scratch)
{
    public readonly FormatContext Request = request;

    public CelScratch Scratch { get; } = scratch;
}
