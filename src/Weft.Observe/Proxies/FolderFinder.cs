using Weft.Base.Logging;

namespace Weft.Observe.Proxies;

/// <summary>A folder into which proxies write their admin addresses, a file each (<c>--admin-address-path</c>).</summary>
internal sealed class FolderFinder(string folder) : ProxyFinder
{
    private const int MaxFiles = 1_000;

    /// <summary>A longer file is none of these.</summary>
    private const int MaxBytes = 200;

    private static readonly Logger Log = Logger.Get("observe");

    private bool _hasComplained;

    public override ProxyOrigin Origin => ProxyOrigin.File;

    protected override IEnumerable<string> Addresses()
    {
        var addresses = new List<string>();
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Take(MaxFiles).Where(static file => file.Length is > 0 and <= MaxBytes).OrderBy(static file => file.Name, StringComparer.Ordinal))
                addresses.Add(File.ReadAllText(file.FullName).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It may come later, or a file may be written just now: there is another look soon. Once, for who has mistyped it.
            if (!_hasComplained)
                Log.Warning($"no proxies are found in {folder} for now: {e.Message}");
            _hasComplained = true;
        }

        return addresses;
    }
}
