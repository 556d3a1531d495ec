using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>Which path %PATH% prints: the one before a rewrite, the present one, or the former when there is one.</summary>
internal enum PathChoice : byte { OriginalOrPath, Original, Path }

/// <summary>%PATH(X:Y):Z%.</summary>
internal sealed class PathOperator(PathChoice choice, bool withQuery, int maxLength) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (context.RequestHeaders is not { } headers)
            return false;
        var path = choice == PathChoice.Path ? default : headers.Get(KnownHeader.XEnvoyOriginalPath);
        if (path.IsEmpty && choice != PathChoice.Original)
            path = headers.Get(KnownHeader.Path);
        if (path.IsEmpty)
            return false;
        if (!withQuery && path.IndexOf((byte)'?') is >= 0 and var query)
            path = path[..query];
        output.Write(path.Length > maxLength ? path[..maxLength] : path);
        return true;
    }
}
