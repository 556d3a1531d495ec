using System.Text;
using Envoy.Config.Core.V3;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Formatting;
using HeaderMap = Weft.Http.HeaderMap;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;

/// <summary>body_format: what a local reply's body is made of, and its type. Immutable; any worker.</summary>
internal sealed class LocalReplyFormat
{
    /// <summary>The body as it is.</summary>
    public static readonly LocalReplyFormat Plain = new();

    private readonly SubstitutionFormat? _format;

    private LocalReplyFormat()
    {
    }

    public LocalReplyFormat(SubstitutionFormatString config, ConfigContext context)
    {
        _format = SubstitutionFormat.Parse(config, context);
        ContentType = Encoding.UTF8.GetBytes(_format.ContentType);
    }

    public byte[] ContentType { get; } = "text/plain"u8.ToArray();

    public void Apply(ref ReadOnlySpan<byte> body, in FormatContext context, HeaderMap headers, ByteWriter writer)
    {
        if (_format is null) return;
        writer.Clear();
        _format.Format(new FormatContext(context.Info, context.RequestHeaders, headers) { LocalReplyBody = body }, writer);
        body = writer.Written;
    }
}
