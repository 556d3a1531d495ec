using Weft.Base.Buffers;

namespace Weft.Proxy.Admin;

/// <summary>The list of endpoints that <c>/help</c> and an unknown path print.</summary>
internal static class HelpText
{
    public static void Write(IEnumerable<AdminEndpoint> endpoints, ByteWriter output)
    {
        output.Write("admin commands are:\n");
        foreach (var endpoint in endpoints)
        {
            output.Write($"  {endpoint.Path}{(endpoint.Mutates ? " (POST)" : "")}: {endpoint.Help}\n");
            foreach (var parameter in endpoint.Parameters)
            {
                output.Write($"      {parameter.Name}: {parameter.Help}");
                if (parameter.Choices is not null)
                    output.Write($"; One of ({string.Join(", ", parameter.Choices)})");
                output.Write((byte)'\n');
            }
        }
    }
}
