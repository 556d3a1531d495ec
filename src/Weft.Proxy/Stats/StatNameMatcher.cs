using System.Text;
using Weft.Config;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Stats;

/// <summary>A StringMatcher over the names of statistics. Main thread.</summary>
internal sealed class StatNameMatcher(Envoy.Type.Matcher.V3.StringMatcher config, ConfigContext context)
{
    private readonly StringMatcher _matcher = StringMatcher.Create(config, context);
    private byte[] _name = new byte[256];

    public bool IsMatch(string prefix, string suffix)
    {
        var most = Encoding.UTF8.GetMaxByteCount(prefix.Length + suffix.Length);
        if (_name.Length < most)
            _name = new byte[most * 2];
        var length = Encoding.UTF8.GetBytes(prefix, _name);
        length += Encoding.UTF8.GetBytes(suffix, _name.AsSpan(length));
        return _matcher.IsMatch(_name.AsSpan(0, length));
    }
}
