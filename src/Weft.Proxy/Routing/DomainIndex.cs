using System.Text;
using Envoy.Config.Route.V3;
using Weft.Config;

namespace Weft.Proxy.Routing;

/// <summary>
/// Finds what a domain stands for, in Envoy's order: exact, longest <c>*suffix</c>, longest <c>prefix*</c>, <c>*</c>. By hash, whatever
/// the number of domains; case does not count. Immutable once filled; any thread.
/// </summary>
internal sealed class DomainIndex<T> where T : class
{
    private readonly Dictionary<byte[], T> _exact = new(DomainKey.Instance);
    private readonly Wildcards _suffixes = new();
    private readonly Wildcards _prefixes = new();
    private T? _any;

    /// <summary>Adds the domains of a virtual host of a table; one that is there already is reported, with the host that has it.</summary>
    public void Add(Envoy.Config.Route.V3.VirtualHost host, T target, RouteConfiguration table, ConfigContext context)
    {
        for (var i = 0; i < host.Domains.Count; i++)
        {
            var domain = host.Domains[i];
            if (TryAdd(domain, target)) continue;
            var text = domain == "*"
                ? $"Only a single wildcard domain is permitted in route {table.Name}"
                : $"Only unique values for domains are permitted. Duplicate entry of domain {domain.ToLowerInvariant()} in route {table.Name}";
            var owner = table.VirtualHosts.First(other => other.Domains.Contains(domain, StringComparer.OrdinalIgnoreCase));
            context.Error(host, $"domains[{i}]", $"{text}: virtual host {owner.Name}{(context.Origins.PositionOf(owner) is { } position ? $" ({position})" : "")} has it already");
        }
    }

    public bool TryAdd(string domain, T target)
    {
        if (domain == "*")
        {
            if (_any is not null) return false;
            _any = target;
            return true;
        }

        if (domain.StartsWith('*')) return _suffixes.TryAdd(Encoding.UTF8.GetBytes(domain[1..]), target);
        if (domain.EndsWith('*')) return _prefixes.TryAdd(Encoding.UTF8.GetBytes(domain[..^1]), target);
        return _exact.TryAdd(Encoding.UTF8.GetBytes(domain), target);
    }

    /// <summary>Null when nothing fits. No allocation.</summary>
    public T? Find(ReadOnlySpan<byte> host)
    {
        if (_exact.Count > 0 && _exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(host, out var found)) return found;
        return _suffixes.FindLongestSuffix(host) ?? _prefixes.FindLongestPrefix(host) ?? _any;
    }

    /// <summary>Wildcards of one side, looked up by each length that occurs, longest first.</summary>
    private sealed class Wildcards
    {
        private readonly Dictionary<byte[], T> _byText = new(DomainKey.Instance);
        private readonly List<int> _lengths = [];

        public bool TryAdd(byte[] text, T target)
        {
            if (!_byText.TryAdd(text, target)) return false;
            if (_lengths.Contains(text.Length)) return true;
            _lengths.Add(text.Length);
            _lengths.Sort(static (a, b) => b.CompareTo(a));
            return true;
        }

        public T? FindLongestSuffix(ReadOnlySpan<byte> host)
        {
            foreach (var length in _lengths)
            {
                // The star stands for at least one character: *.foo.com is not .foo.com.
                if (length < host.Length && Find(host[^length..]) is { } found) return found;
            }

            return null;
        }

        public T? FindLongestPrefix(ReadOnlySpan<byte> host)
        {
            foreach (var length in _lengths)
            {
                if (length < host.Length && Find(host[..length]) is { } found) return found;
            }

            return null;
        }

        private T? Find(ReadOnlySpan<byte> text)
            => _byText.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(text, out var found) ? found : null;
    }
}
