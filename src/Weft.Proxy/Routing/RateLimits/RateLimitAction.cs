using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Matching;
using Weft.Proxy.Matching.Inputs;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>One action of a RateLimit: adds an entry to a descriptor. Immutable; any thread; no allocation.</summary>
internal abstract class RateLimitAction
{
    /// <summary>Writes its entry, if it has one; false when there is to be no descriptor at all.</summary>
    public abstract bool TryWrite(in RateLimitContext context, ByteWriter output);

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>generic_key, and source_cluster: always the same.</summary>
    internal sealed class Constant(string key, string value) : RateLimitAction
    {
        private readonly byte[] _entry = RateLimitDescriptor.Of([(key, value)]);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            output.Write(_entry);
            return true;
        }
    }

    internal sealed class DestinationCluster : RateLimitAction
    {
        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            Span<byte> name = stackalloc byte[512];
            if (!Encoding.UTF8.TryGetBytes(context.DestinationCluster, name, out var length)) return false;
            RateLimitDescriptor.WriteEntry(output, "destination_cluster"u8, name[..length]);
            return true;
        }
    }

    internal sealed class RequestHeader(string name, string key, bool skipIfAbsent) : RateLimitAction
    {
        private readonly HeaderName _name = new(name);
        private readonly byte[] _key = Bytes(key);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            if (!context.Headers.TryGet(_name, out var value)) return skipIfAbsent;
            RateLimitDescriptor.WriteEntry(output, _key, value);
            return true;
        }
    }

    /// <summary>remote_address, or masked_remote_address when there are prefix lengths.</summary>
    internal sealed class RemoteAddress((int V4, int V6)? prefix) : RateLimitAction
    {
        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            var address = context.Info.DownstreamRemoteAddress;
            if (address.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6)) return false;
            Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
            if (prefix is not { } lengths)
            {
                RateLimitDescriptor.WriteEntry(output, "remote_address"u8, text[..address.Format(text, withPort: false)]);
                return true;
            }

            var bits = address.Kind == NetAddressKind.IPv4 ? lengths.V4 : lengths.V6;
            var length = address.Masked(bits).Format(text, withPort: false);
            text[length++] = (byte)'/';
            System.Buffers.Text.Utf8Formatter.TryFormat(bits, text[length..], out var digits);
            RateLimitDescriptor.WriteEntry(output, "masked_remote_address"u8, text[..(length + digits)]);
            return true;
        }
    }

    internal sealed class HeaderValueMatch(string key, string value, bool expected, HeaderMatcher[] headers) : RateLimitAction
    {
        private readonly byte[] _entry = RateLimitDescriptor.Of([(key, value)]);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            if (HeaderMatcher.AllMatch(headers, context.Headers) != expected) return false;
            output.Write(_entry);
            return true;
        }
    }

    internal sealed class QueryParameterValueMatch(string key, string value, bool expected, QueryParameterMatcher[] parameters) : RateLimitAction
    {
        private readonly byte[] _entry = RateLimitDescriptor.Of([(key, value)]);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            if (QueryParameterMatcher.AllMatch(parameters, context.Headers.Get(KnownHeader.Path)) != expected) return false;
            output.Write(_entry);
            return true;
        }
    }

    /// <summary>extension with an input of the matching API: its value.</summary>
    internal sealed class InputValue(string key, MatchInput input, RuntimeLayers runtime) : RateLimitAction
    {
        private readonly byte[] _key = Bytes(key);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            var value = input.Read(new MatchData(context.Info, runtime.Current) { RequestHeaders = context.Headers });
            if (value.IsPresent != MatchOutcome.Yes) return false;
            if (!value.Bytes.IsEmpty) RateLimitDescriptor.WriteEntry(output, _key, value.Bytes);
            return true;
        }
    }

    /// <summary>The first query parameter of a name, decoded.</summary>
    internal sealed class QueryParameter(string name, string key, bool skipIfAbsent) : RateLimitAction
    {
        private readonly byte[] _key = Bytes(key);
        private readonly QueryParameterInput _input = new(name);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            var value = _input.Read(new MatchData(context.Info, RuntimeSnapshot.Empty) { RequestHeaders = context.Headers });
            if (value.IsPresent != MatchOutcome.Yes) return skipIfAbsent;
            RateLimitDescriptor.WriteEntry(output, _key, value.Bytes);
            return true;
        }
    }

    /// <summary>metadata of the route that the request takes.</summary>
    internal sealed class RouteMetadataText(string key, string @namespace, string[] path, string defaultValue, bool skipIfAbsent) : RateLimitAction
    {
        private readonly byte[] _key = Bytes(key);
        private readonly byte[] _default = Bytes(defaultValue);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            if (context.Info.Route?.MetadataText(@namespace, path) is { Length: > 0 } text)
            {
                RateLimitDescriptor.WriteEntry(output, _key, text);
                return true;
            }

            if (_default.Length == 0) return skipIfAbsent;
            RateLimitDescriptor.WriteEntry(output, _key, _default);
            return true;
        }
    }

    internal sealed class DynamicMetadataText(string key, string @namespace, string[] path, string defaultValue, bool skipIfAbsent) : RateLimitAction
    {
        private readonly byte[] _key = Bytes(key);
        private readonly byte[] _default = Bytes(defaultValue);

        public override bool TryWrite(in RateLimitContext context, ByteWriter output)
        {
            var value = context.Info.DynamicMetadata.Find(@namespace, path);
            var text = value.Kind == MetadataKind.Text && !value.Text.IsEmpty ? value.Text : _default;
            if (text.IsEmpty) return skipIfAbsent;
            RateLimitDescriptor.WriteEntry(output, _key, text);
            return true;
        }
    }
}
