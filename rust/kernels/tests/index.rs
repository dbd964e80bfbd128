//! Indexing against loops over coordinates.

mod everywhere;
use everywhere::{everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::index::{
    count_true, first_outside, gather, gather_rows, index_add, index_select, index_write, put_offsets, scatter_add,
    scatter_with, scatter_write, take_offsets, true_positions,
};
use rutile_kernels::{Element, View, ViewMut};

/// `len` indices below `extent`.
fn indices(len: usize, extent: usize, seed: u64) -> Vec<i64> {
    numbers::<f64>(len, seed).iter().map(|x| ((x + 2.0) / 4.0 * extent as f64) as i64).collect()
}

/// Row-major strides.
fn strides(shape: &[usize]) -> Vec<isize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product::<usize>() as isize).collect()
}

/// All coordinates of a shape, in row-major order.
fn coordinates(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |all, &extent| {
        all.iter().flat_map(|c| (0..extent).map(move |i| [&c[..], &[i]].concat())).collect()
    })
}

fn at(coordinate: &[usize], strides: &[isize]) -> usize {
    coordinate.iter().zip(strides).map(|(&c, &s)| c * s as usize).sum()
}

fn check_select<T: Element>(outer: usize, axis: usize, inner: usize, count: usize) {
    let index = indices(count, axis, 5);
    let src: Vec<T> = numbers(outer * axis * inner, 1);
    let place = |o: usize, i: usize, j: usize| (o * axis + index[i] as usize) * inner + j;
    let mut want = vec![];
    for (o, i, j) in coordinates(&[outer, count, inner]).iter().map(|c| (c[0], c[1], c[2])) {
        want.push(src[place(o, i, j)].to_f64());
    }
    let run = || {
        let mut out = vec![T::default(); outer * count * inner];
        index_select(outer, axis, inner, &src, &index, &mut out);
        flat(&[&out])
    };
    everywhere(run, |got| assert_eq!(got, want));

    let more: Vec<T> = numbers(outer * count * inner, 2);
    let (mut added, mut written) = (src.clone(), src.clone());
    for (k, (o, i, j)) in coordinates(&[outer, count, inner]).iter().map(|c| (c[0], c[1], c[2])).enumerate() {
        let (sum, new) = (&mut added[place(o, i, j)], more[k]);
        *sum = if T::IS_FLOAT {
            T::from_f64(sum.to_f64() + new.to_f64())
        } else {
            T::from_i64(sum.to_i64().wrapping_add(new.to_i64()))
        };
        written[place(o, i, j)] = new;
    }
    let run = || {
        let (mut added, mut written) = (src.clone(), src.clone());
        index_add(outer, axis, inner, &index, &more, &mut added);
        index_write(outer, axis, inner, &index, &more, &mut written);
        flat(&[&added, &written])
    };
    everywhere(run, |got| assert_eq!(got, flat(&[&added, &written])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn selected_added_and_written_rows(
        outer in 0usize..4, axis in 1usize..6, inner in prop_oneof![0usize..4, 60usize..140], count in 0usize..9,
    ) {
        check_select::<f32>(outer, axis, inner, count);
        check_select::<f64>(outer, axis, inner, count);
        check_select::<i64>(outer, axis, inner, count);
        check_select::<u8>(outer, axis, inner, count);
        check_select::<bool>(outer, axis, inner, count);
        check_select::<half::bf16>(outer, axis, inner, count);
    }

    #[test]
    fn gather_and_scatter(
        shape in prop::collection::vec(0usize..5, 1..4), grow in prop::collection::vec(0usize..3, 3), axis in 0usize..3,
        extent in 1usize..5, transposed: bool,
    ) {
        let axis = axis % shape.len();
        // The array is at least as large as the index on the other axes.
        let mut large: Vec<usize> = shape.iter().zip(&grow).map(|(s, g)| s + g).collect();
        large[axis] = extent;
        let (mut large_strides, small_strides) = (strides(&large), strides(&shape));
        if transposed && large.len() > 1 {
            // The last two axes change places in memory.
            let last = large.len() - 1;
            large_strides[last - 1] = 1;
            large_strides[last] = large[last - 1] as isize;
        }
        let count = shape.iter().product();
        let index = indices(count, extent, 3);
        let table: Vec<f32> = numbers(large.iter().product(), 1);
        let values: Vec<f32> = numbers(count, 2);
        let (mut gathered, mut written, mut added, mut largest) =
            (vec![], table.clone(), table.clone(), table.clone());
        for (k, mut place) in coordinates(&shape).into_iter().enumerate() {
            place[axis] = index[k] as usize;
            let place = at(&place, &large_strides);
            gathered.push(table[place]);
            written[place] = values[k];
            added[place] += values[k];
            largest[place] = largest[place].max(values[k]);
        }
        let want = flat(&[&gathered, &written, &added, &largest]);
        let run = || {
            let mut gathered = vec![0.0; count];
            let (mut written, mut added, mut largest) = (table.clone(), table.clone(), table.clone());
            // SAFETY: shapes and strides describe the vectors.
            unsafe {
                let index = || View::new(index.as_ptr(), &shape, &small_strides);
                let values = || View::new(values.as_ptr(), &shape, &small_strides);
                let large = |v: &mut Vec<f32>| ViewMut::new(v.as_mut_ptr(), &large, &large_strides);
                let table = View::new(table.as_ptr(), large(&mut written).shape(), &large_strides);
                assert!(gather(table, axis, index(), ViewMut::new(gathered.as_mut_ptr(), &shape, &small_strides)));
                scatter_write(large(&mut written), axis, index(), values());
                scatter_add(large(&mut added), axis, index(), values());
                scatter_with(large(&mut largest), axis, index(), values(), f32::max);
            }
            flat(&[&gathered, &written, &added, &largest])
        };
        everywhere(run, |got| assert_eq!(got, want));
    }

    #[test]
    fn advanced_indexing(count in 0usize..6, shape in prop::collection::vec(0usize..4, 0..3), transposed: bool) {
        let mut inner = strides(&shape);
        if transposed {
            let swapped: Vec<usize> = shape.iter().rev().copied().collect();
            inner = strides(&swapped).into_iter().rev().collect();
        }
        let size: usize = shape.iter().product();
        let offsets: Vec<isize> = indices(count, 4, 9).iter().map(|&i| i as isize * size as isize).collect();
        let table: Vec<i32> = numbers::<f64>(4 * size, 1).iter().map(|x| (x * 100.0) as i32).collect();
        let values: Vec<i32> = (0..(count * size) as i32).collect();
        let (mut taken, mut written, mut added) = (vec![], table.clone(), table.clone());
        let places = offsets.iter().flat_map(|o| coordinates(&shape).into_iter().map(|c| *o as usize + at(&c, &inner)).collect::<Vec<_>>());
        for (k, place) in places.enumerate() {
            taken.push(table[place]);
            written[place] = values[k];
            added[place] += values[k];
        }
        let run = || {
            let (mut taken, mut written, mut added) = (vec![0; count * size], table.clone(), table.clone());
            // SAFETY: offsets and strides stay inside the table.
            unsafe {
                take_offsets(table.as_ptr(), &offsets, &shape, &inner, &mut taken);
                put_offsets(written.as_mut_ptr(), &offsets, &shape, &inner, &values, false);
                put_offsets(added.as_mut_ptr(), &offsets, &shape, &inner, &values, true);
            }
            flat(&[&taken, &written, &added])
        };
        everywhere(run, |got| assert_eq!(got, flat(&[&taken, &written, &added])));
    }

    #[test]
    fn masks(mask in prop::collection::vec(any::<bool>(), 0..700), times in 1usize..80) {
        let mask = mask.repeat(times); // of several tasks
        let want: Vec<i64> = mask.iter().enumerate().filter(|(_, m)| **m).map(|(i, _)| i as i64).collect();
        let mut got = vec![0; count_true(&mask)];
        true_positions(&mask, &mut got);
        prop_assert_eq!(got, want);
    }

    #[test]
    fn the_first_index_outside(index in prop::collection::vec(-3i64..103, 0..200)) {
        prop_assert_eq!(first_outside(&index, 0..100), index.iter().position(|i| !(0..100).contains(i)));
        prop_assert_eq!(first_outside(&index, -3..103), None);
    }
}

#[test]
fn gather_along_long_rows() {
    let (rows, extent, len) = (3, 501, 777);
    let table: Vec<f32> = numbers(rows * extent, 1);
    let index = indices(rows * len, extent, 7);
    let want: Vec<f32> = (0..rows * len).map(|k| table[k / len * extent + index[k] as usize]).collect();
    let run = |index: &[i64]| {
        let mut out = vec![0.0; rows * len];
        let (shapes, large, small) = ([[rows, extent], [rows, len]], [extent as isize, 1], [len as isize, 1]);
        // SAFETY: shapes and strides describe the vectors.
        let inside = unsafe {
            let index = View::new(index.as_ptr(), &shapes[1], &small);
            let out = ViewMut::new(out.as_mut_ptr(), &shapes[1], &small);
            gather(View::new(table.as_ptr(), &shapes[0], &large), 1, index, out)
        };
        (inside, out)
    };
    everywhere(|| flat(&[&run(&index).1]), |got| assert_eq!(got, flat(&[&want])));
    assert!(run(&index).0);
    for (at, wrong) in [(0, -1), (777, 501), (1553, i64::MAX), (2330, i64::MIN)] {
        let mut index = index.clone();
        index[at] = wrong;
        assert!(!run(&index).0, "{wrong} at {at}");
    }
}

#[test]
fn all_true_masks_count_past_a_byte() {
    assert_eq!(count_true(&vec![true; 1000]), 1000);
}

#[test]
fn embeddings_are_split_among_threads() {
    let (vocabulary, width, count) = (500, 96, 2000);
    check_select::<f32>(1, vocabulary, width, count);
    check_select::<f32>(3, vocabulary, 1, count);
    let (table, index): (Vec<f32>, _) = (numbers(vocabulary * width, 1), indices(count, vocabulary, 2));
    let run = || {
        let mut out = vec![0.0; count * width];
        gather_rows(&table, width, &index, &mut out);
        flat(&[&out])
    };
    let want: Vec<f64> = index.iter().flat_map(|&i| flat(&[&table[i as usize * width..][..width]])).collect();
    everywhere(run, |got| assert_eq!(got, want));
}

#[test]
fn scatter_is_split_among_threads() {
    for (shape, axis) in [([300, 200], 0), ([300, 200], 1)] {
        let s = strides(&shape);
        let index = indices(60_000, shape[axis], 4);
        let src: Vec<f32> = numbers(60_000, 1);
        let mut want = vec![0f32; 60_000];
        for (k, mut place) in coordinates(&shape).into_iter().enumerate() {
            place[axis] = index[k] as usize;
            want[at(&place, &s)] += src[k];
        }
        let run = || {
            let mut out = vec![0f32; 60_000];
            // SAFETY: shape and strides describe the vectors.
            unsafe {
                let out = ViewMut::new(out.as_mut_ptr(), &shape, &s);
                scatter_add(out, axis, View::new(index.as_ptr(), &shape, &s), View::new(src.as_ptr(), &shape, &s));
            }
            flat(&[&out])
        };
        everywhere(run, |got| assert_eq!(got, flat(&[&want])));
    }
}

#[test]
#[should_panic(expected = "index 3 is outside 0..3")]
fn an_index_out_of_range_panics() {
    gather_rows(&[1.0f32, 2.0, 3.0], 1, &[0, 3], &mut [0.0; 2]);
}
