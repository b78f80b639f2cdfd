//! How arrays print. Rows, widths and what is left out are those of numpy's `np.array2string(x, separator=", ")`, whose text
//! the whole numbers here are; floats differ in that they end as Rust's do, `1.0` and not `1.`.

use pz::nx::nmap;
use pz::random::Key;
use pz::{DType, NamedArray, Result};

use super::counted;

type Done = Result<()>;

#[test]
fn rows_are_those_of_numpy() -> Done {
    assert_eq!(
        counted(&[("n", 50)]).to_string(),
        "i32(n:50)
[ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49]"
    );
    let small = counted(&[("a", 2), ("b", 3)]).mul(7)?.sub(9)?;
    assert_eq!(small.to_string(), "i32(a:2, b:3)\n[[-9, -2,  5],\n [12, 19, 26]]");
    assert_eq!(
        counted(&[("a", 2), ("b", 2), ("c", 2)]).to_string(),
        "i32(a:2, b:2, c:2)
[[[0, 1],
  [2, 3]],

 [[4, 5],
  [6, 7]]]"
    );
    assert_eq!(
        counted(&[("a", 20), ("b", 200)]).to_string(),
        "i32(a:20, b:200)
[[   0,    1,    2, ...,  197,  198,  199],
 [ 200,  201,  202, ...,  397,  398,  399],
 [ 400,  401,  402, ...,  597,  598,  599],
 ...,
 [3400, 3401, 3402, ..., 3597, 3598, 3599],
 [3600, 3601, 3602, ..., 3797, 3798, 3799],
 [3800, 3801, 3802, ..., 3997, 3998, 3999]]"
    );
    assert_eq!(
        counted(&[("a", 4), ("b", 1), ("c", 300)]).at([("a", pz::slice(..).step(-1))])?.get()?.to_string(),
        "i32(b:1, c:300, a:4)
[[[ 900,  600,  300,    0],
  [ 901,  601,  301,    1],
  [ 902,  602,  302,    2],
  ...,
  [1197,  897,  597,  297],
  [1198,  898,  598,  298],
  [1199,  899,  599,  299]]]"
    );
    assert_eq!(NamedArray::zeros([("a", 0), ("b", 3)], DType::F32)?.to_string(), "f32(a:0, b:3)\n[]");
    assert_eq!(NamedArray::arange("n", 0).to_string(), "i32(n:0) []");
    Ok(())
}

#[test]
fn floats_stand_below_one_another() -> Done {
    let x = NamedArray::from_vec(vec![1f32, 0.5, -2.25, 10., 0., 7.], [("a", 2), ("b", 3)])?;
    assert_eq!(x.to_string(), "f32(a:2, b:3)\n[[ 1.0 ,  0.5 , -2.25],\n [10.0 ,  0.0 ,  7.0 ]]");
    assert_eq!(format!("{x:.1}"), "f32(a:2, b:3)\n[[ 1.0,  0.5, -2.2],\n [10.0,  0.0,  7.0]]");
    // As few digits as tell a number from its neighbours, of 16 bits too.
    let x = NamedArray::from_vec(vec![0.1f32, -0.0, f32::NAN], [("a", 3)])?;
    assert_eq!(x.to_string(), "f32(a:3) [0.1, -0.0, NaN]");
    assert_eq!(x.cast(DType::BF16)?.to_string(), "bf16(a:3) [0.1, -0.0, NaN]");
    let sevenths = NamedArray::arange("n", 15).div(7)?;
    assert_eq!(
        sevenths.to_string(),
        "f32(n:15)
[0.0       , 0.14285715, 0.2857143 , 0.42857143, 0.5714286 , 0.71428573,
 0.85714287, 1.0       , 1.1428572 , 1.2857143 , 1.4285715 , 1.5714285 ,
 1.7142857 , 1.8571428 , 2.0       ]"
    );
    // Where numbers are very small or large all have an exponent.
    let x =
        NamedArray::from_vec(vec![1e-9f32, f32::NAN, 3e9, f32::INFINITY, -2.5, 0.], [("a", 2), ("b", 3)])?;
    assert_eq!(x.to_string(), "f32(a:2, b:3)\n[[1.0e-9,    NaN,  3.0e9],\n [   inf, -2.5e0,  0.0e0]]");
    assert_eq!(NamedArray::scalar(f64::MIN_POSITIVE).to_string(), "f64() 2.2250738585072014e-308");
    Ok(())
}

#[test]
fn other_elements_print_as_they_are() -> Done {
    let x = NamedArray::from_vec(vec![i64::MAX, (1 << 53) + 1], [("a", 2), ("b", 1)])?.untag("a")?;
    assert_eq!(format!("{x:?}"), "i64(2 | b:1) [[9223372036854775807], [9007199254740993]]");
    assert_eq!(NamedArray::scalar(u64::MAX).to_string(), "u64() 18446744073709551615");
    let x = NamedArray::from_vec(vec![true, false], [("a", 2)])?;
    assert_eq!(x.to_string(), "bool(a:2) [true, false]");
    let x = NamedArray::from_vec(vec![true, false, true, true], [("a", 2), ("b", 2)])?;
    assert_eq!(x.to_string(), "bool(a:2, b:2)\n[[ true, false],\n [ true,  true]]");
    let keys = NamedArray::full([("n", 2)], Key::new(7))?;
    assert_eq!(keys.to_string(), "key(n:2) [Key([0, 7]), Key([0, 7])]");
    Ok(())
}

#[test]
fn looking_computes_nothing_and_is_one_line() -> Done {
    let x = counted(&[("a", 2), ("b", 2)]).cast(DType::F32)?.div(3)?;
    assert_eq!(format!("{x:?}"), "f32(a:2, b:2) pending");
    x.eval()?;
    assert_eq!(format!("{x:?}"), "f32(a:2, b:2) [[0.0, 0.33333334], [0.6666667, 1.0]]");
    assert_eq!(format!("{x:#?}"), "f32(a:2, b:2)\n[[0.0       , 0.33333334],\n [0.6666667 , 1.0       ]]");
    // Of a large one, the corners.
    let large = format!("{:?}", counted(&[("a", 20), ("b", 30)]));
    assert_eq!(large, "i32(a:20, b:30) [[0, ..., 29], ..., [570, ..., 599]]");
    let failed = NamedArray::scalar(1).rem(0)?;
    assert!(failed.eval().is_err());
    assert!(format!("{failed:?}").starts_with("i32() failed: rem: an integer is divided by 0"));
    Ok(())
}

#[test]
fn any_array_is_shown_in_few_words() -> Done {
    // As many elements as no memory holds, which all are one.
    let wide = NamedArray::full([("n", 1 << 40)], 2u8)?;
    assert_eq!(wide.to_string(), "u8(n:1099511627776) [2, 2, 2, ..., 2, 2, 2]");
    let names = (0..40).map(|number| (format!("x{number}"), 2));
    let deep = NamedArray::scalar(1.5f32).broadcast_to(names)?;
    assert!(deep.to_string().len() < 50_000, "{}", deep.to_string().len());
    assert!(format!("{deep:?}").len() < 2_000);
    // What a function under `nmap` is given has no value of its own.
    let mut seen = String::new();
    let given = counted(&[("a", 2), ("b", 3)]).untag("b")?;
    let look = |x: NamedArray| {
        seen = x.to_string();
        Ok(x)
    };
    nmap(look, given)?;
    assert_eq!(seen, "i32(3) for each slice under `nmap`");
    Ok(())
}
